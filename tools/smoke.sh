#!/usr/bin/env bash
# Train, predict, score, explain and report with the `framescope` on PATH; for environments with other versions.
set -euo pipefail
corpus="$(cd "$(dirname "$0")/.." && pwd)/data/starter"
cd "$(mktemp -d)"

echo "Учения на Каспии прошли без России: у Москвы под боком складывается враждебный ей союз." > article.txt
framescope train "$corpus" --group-by source --output model
framescope predict model article.txt
framescope explain model article.txt --html page.html
framescope score model "$corpus/ru.jsonl" --output scores
framescope verify scores
framescope evaluate model "$corpus" --json evaluation.json
framescope report model "$corpus" --html report.html --no-learning-curve
