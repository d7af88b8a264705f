#include "coin_jar.h"

namespace coin_jar {

// TODO: add your solution here

}  // namespace coin_jar
