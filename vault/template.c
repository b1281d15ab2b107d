#include "vault/template.h"
