// Trains a small network with libtorch, whose SGD takes its learning rate from fastlr:
//
//     cmake -S . -B build -Dfastlr_DIR=$(python -m fastlr --cmakedir)
//           -DCMAKE_PREFIX_PATH=$(python -c "import torch; print(torch.utils.cmake_prefix_path)")
//     cmake --build build && build/trainer && python rates.py
#include <torch/torch.h>

#include <cstdio>
#include <fastlr/fastlr.hpp>

int main() {
  constexpr int training_steps = 200;
  const fastlr::CosineDecay schedule{0.0, 180, 0.0, "CosineDecay", 0.1, 20};

  torch::manual_seed(0);
  torch::nn::Sequential model(torch::nn::Linear(2, 16), torch::nn::Tanh(),
                              torch::nn::Linear(16, 1));
  torch::optim::SGD optimizer(model->parameters(), torch::optim::SGDOptions(0.0).momentum(0.9));
  const auto x = torch::rand({256, 2}) * 2 - 1;
  const auto y = x.prod(1, /*keepdim=*/true);

  for (int step = 0; step <= training_steps; ++step) {
    const float rate = schedule(step);
    for (auto& group : optimizer.param_groups()) group.options().set_lr(rate);

    optimizer.zero_grad();
    const auto loss = torch::mse_loss(model->forward(x), y);
    loss.backward();
    optimizer.step();
    if (step % 20 == 0) {
      std::printf("step %3d rate %.9g\n", step,
                  optimizer.param_groups().front().options().get_lr());
      std::fprintf(stderr, "step %3d loss %.4f\n", step, loss.item<double>());
    }
  }
}
