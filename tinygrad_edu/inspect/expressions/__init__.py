"""Expressions as a person writes them: parsed and computed, never run as a program."""
