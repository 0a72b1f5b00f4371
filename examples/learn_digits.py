"""784-16-16-10 on real digits with nothing hidden: forward pass, cost, backward pass, step."""

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.data import as_features, load_digits, minibatches, one_hot
from tinygrad_edu.nn import MLP, summary
from tinygrad_edu.ops import quadratic_cost
from tinygrad_edu.optim import SGD

digits = load_digits()
images, labels = as_features(digits.train_images), digits.train_labels
test_images, test_labels = as_features(digits.test_images), digits.test_labels

model = MLP([784, 16, 16, 10], init="normal", rng=0, dtype=np.float32)
summary(model)
optimiser = SGD(model.parameters(), lr=1.5)

for epoch in range(3):
    for x, label in minibatches(images, labels, batch=10, seed=0, epoch=epoch):
        optimiser.zero_grad()
        with tg.lean():  # keep only what the rules need
            cost = quadratic_cost(model(x), one_hot(label, 10))
            cost.backward()
        optimiser.step()
    with tg.no_grad():
        right = model(test_images).argmax(axis=1) == test_labels
    print(f"epoch {epoch + 1}: {right.mean():.1%} of {len(right):,} test digits")
