"""The order of the six pair integrals, and what the mirror k_y -> -k_y does to each.

Every array over the components has this order.  The meshes cover the half plane k_y >= 0 only and
take the rest from the mirror; they are right as long as the bands have it (``Bilayer.has_mirror``).
"""

import numpy as np

ALPHA, BETA, ALPHA_X, ALPHA_Y, BETA_X, BETA_Y = range(6)  # values and gradients in q
N_COMPONENTS = 6
VALUE_OF = (ALPHA, BETA, ALPHA, ALPHA, BETA, BETA)  # what each is, or is a derivative of
ALONG = (ALPHA, BETA, ALPHA_X, BETA_X)  # all that is not zero on the mirror axis q_y = 0
ODD = (ALPHA_Y, BETA_Y)  # change their sign with q_y
MIRROR_SIGN = np.array([-1.0 if c in ODD else 1.0 for c in range(N_COMPONENTS)])
