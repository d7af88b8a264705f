#include "coin_jar.h"

#include <stdexcept>

namespace coin_jar {

int worth(std::vector<int> const& coins) {
    int total = 0;
    for (int const coin : coins) {
        if (coin != 1 && coin != 5 && coin != 10 && coin != 25) throw std::domain_error("there is no such coin");
        total += coin;
    }
    return total;
}

std::vector<int> pay(int amount) {
    if (amount < 0) throw std::domain_error("nobody can pay that");
    std::vector<int> coins;
    for (int const kind : {25, 10, 5, 1}) {
        for (; amount >= kind; amount -= kind) coins.push_back(kind);
    }
    return coins;
}

}  // namespace coin_jar
