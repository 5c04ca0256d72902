"""The only code that opens inputs. Floor 2; returns values of `model.py`, reports problems."""
