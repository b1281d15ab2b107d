#include "vault/view.h"
