lib_libcordon_a_SOURCES += \
	lib/number/number.c lib/number/number.h \
	lib/number/plan.c lib/number/plans.def
lib_libcordon_a_SOURCES += \
	lib/number/inventory.c lib/number/inventory.h \
	lib/number/inventory_index.c lib/number/inventory_private.h \
	lib/number/inventory_load.c \
	lib/number/map.c lib/number/map.h
