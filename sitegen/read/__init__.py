"""The only code that opens inputs. Floor 2; returns values of `model/`, reports problems."""
