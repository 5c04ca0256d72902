"""The training code of the sample sweep: a small network on 8 x 8 pictures of digits."""
