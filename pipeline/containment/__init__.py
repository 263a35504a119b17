"""The locked cell: a child process opens strangers' files; nothing else here ever touches one."""
