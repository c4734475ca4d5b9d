sbc_libsbc_a_SOURCES += sbc/transaction/transaction.h
