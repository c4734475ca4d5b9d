sbc_libsbc_a_SOURCES += \
	sbc/transaction/client.c \
	sbc/transaction/client_invite.c \
	sbc/transaction/client_other.c \
	sbc/transaction/echo.c \
	sbc/transaction/match.c \
	sbc/transaction/private.h \
	sbc/transaction/server.c \
	sbc/transaction/server_invite.c \
	sbc/transaction/server_other.c \
	sbc/transaction/transaction.c sbc/transaction/transaction.h
