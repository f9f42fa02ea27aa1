#include "probes/observations/finding.h"
