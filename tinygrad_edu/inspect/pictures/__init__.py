"""The graph as a picture: boxes and arrows, laid out and written as SVG, PDF, PNG, DOT or text."""
