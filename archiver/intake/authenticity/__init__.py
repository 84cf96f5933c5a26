"""What proves where a message came from: signatures, encryption, DKIM, ARC, and what servers claim."""
