"""What a drop or a paste holds: files, virtual files of a mail program, or nothing we can read."""
