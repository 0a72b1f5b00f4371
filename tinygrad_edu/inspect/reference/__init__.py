"""The derivative reference: what a rule says, as a formula; its proof; its kinks, curves and numbers; the page of an op."""
