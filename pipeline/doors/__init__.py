"""Where people and machines enter: command line, counter, tasks, supervisor. Holds no rule."""
