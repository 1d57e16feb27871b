# For the habit: every word goes to ./dev, which says what each one does.
.POSIX:

all: demo

demo test check bench install clean help:
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' ./dev $@

.PHONY: all demo test check bench install clean help
