"""Cases that have bitten users of autodiff libraries: what each library answers, and whether that meets the bar.

`rows` and `kinks` hold the cases of values and gradients, `behaviours` those of the engine, all as data; `libraries` has
an adapter for each library, this one among them; `running` asks a library in a process of its own; `table` prints.
"""
