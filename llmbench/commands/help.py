"""``llmbench --help``: the verbs, the groups with what can be chosen, and the common keys."""

from llmbench.config.sources import find_sources

_TEXT = """\
llmbench measures how well a language model writes code, and says how far the number can be believed.

Run, or resume, one configuration:
  llmbench [key=value …]                     llmbench model=demo samples=3
A model of yours needs no profile:
  llmbench model=./my.gguf                   model=ollama:TAG, hf:USER/REPO:Q4_K_M, openrouter:SLUG
Run every combination, then show the matrix:
  llmbench -m [key=a,b …]                    llmbench -m sampling=recommended,greedy seed=1,2

Commands (llmbench COMMAND --help says more):
  list [what]          plugins, models, datasets, tasks, runs (list runs model=glm --sort pass@1)
  doctor [key=value …] what is missing here for this configuration, and how to get it
  fitness [key=value …] which protocol this model should call tools in, by trying
  estimate [key=value …] time, tokens, price and energy of a run, each with a range, before it is made
  prepare [key=value …] fetch datasets and build sandbox images
  report [RUN …]       tables of finished runs
  leaderboard          the best run of each model, with cost and machine of that run
  compare RUN RUN      is one better, or is it noise? (compare model=a,b … makes them)
  diff RUN RUN         what differed between two runs
  show RUN [TASK]      what did not pass, or one sample: prompt, answer, test output
  solve --file PROMPT.md --folder DIR   let the model work on files of your own
  pause RUN · resume RUN · stop RUN   from another terminal: leave the GPU to others, go on, end
  grade RUN            grade the stored answers again; no model is asked
  grade --solutions FILE_OR_DIR dataset=NAME   grade what somebody else made
  prompts dataset=NAME --output DIR   write the tasks out for an agent of yours
  export RUN --bundle FILE   pack a run, so that others can check it
  export RUN --format csv|parquet|evalplus|huggingface   write it for other tools
  verify FILE          grade the answers in a bundle again: do its verdicts hold?
  check tasks [PATH]   references pass, starters and wrong solutions fail
  new plugin|task|model NAME   write a first version of one
  server start|stop|status [key=value …]   keep a model's server running, for use by hand
  index                make the history of runs anew from their folders
  rm RUN …  ·  du      delete runs  ·  what runs take on the disk
  completion bash|zsh|fish   a script, so that Tab completes commands, runs, models and plugins
  clean                list what crashed runs left behind, ask, and remove it

Groups, chosen by name:
{groups}

Common keys (defaults in parentheses):
  limit=5              at most so many tasks, drawn with the seed (all)
  tasks=[leap,bob]     only these tasks, by id or by its last part
  filter=^python/      only tasks whose id matches
  samples=3            independent attempts at each task (1)
  tries=2              rounds inside a sample, with the tests' output as feedback (1)
  seed=7               of the model's sampler and of the choice of tasks (0)
  sandbox=docker       where untrusted code runs (auto)
  output_root=DIR      where the folders of runs are (outputs)
  dry_run=true         show what would be asked, and ask nothing
  limits.wall_s=600    seconds for one sample;  limits.tokens, budget.cost_usd, budget.hours likewise

Flags:
  -m, --multirun       sweep: run every combination of values separated by commas
  --config-dir DIR     one more folder of YAML, such as DIR/model/mine.yaml; ./conf and conf/ in your
                       configuration folder (~/.config/llmbench/conf) are always read
  --cfg job            show the composed configuration
  --version, --help

Exit codes: 0 done; 1 the run could not be finished; 2 the request was wrong; 130 interrupted."""


def main() -> int:
    """Print the help text."""
    sources = find_sources()
    lines = [f"  {f'{group}=':<21}{', '.join(sources.choices(group))}" for group in sources.groups()]
    print(_TEXT.format(groups="\n".join(line for line in lines if not line.startswith("  hydra"))))
    return 0
