"""The command line's families of commands, a file each; ``handlers/cli.py`` reads the words."""
