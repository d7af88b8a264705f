#pragma once

#include <vector>

namespace coin_jar {

int worth(std::vector<int> const& coins);
std::vector<int> pay(int amount);

}  // namespace coin_jar
