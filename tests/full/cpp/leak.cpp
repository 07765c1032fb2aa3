// Leaks memory, which the leak sanitizer must report: a proof that it runs.
#include <cstdlib>

int main() {
  // So many that no pointer to them all can be left in a register or on the stack.
  for (int i = 0; i < 100; ++i) {
    void* volatile leaked = std::malloc(64);
    leaked = nullptr;
  }
}
