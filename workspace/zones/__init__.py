"""An operating-system user per zone: who there must be, what each may reach, and how one asks another for something.

`places` is the table of folders and rights, `users` makes it so and looks whether it is; `orders` is what one user asks
another for, `asking` and `serving` are its two sides.
"""
