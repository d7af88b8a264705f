#pragma once
int together(int, int);
namespace sum { int up_to(int); }
