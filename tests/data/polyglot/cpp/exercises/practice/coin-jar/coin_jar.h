#pragma once

namespace coin_jar {

// TODO: add your solution here

}  // namespace coin_jar
