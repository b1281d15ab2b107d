#include "vault/provider.h"
