#include "vault/when.h"
