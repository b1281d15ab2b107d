#include "vault/escape.h"
