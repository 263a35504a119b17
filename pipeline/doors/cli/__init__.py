"""The command line: one module a group of commands. Each asks a stage; none holds a rule."""
