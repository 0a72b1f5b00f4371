"""The paths of the chain rule: how many, which weigh most, what each gives, and that their sum is the gradient."""
