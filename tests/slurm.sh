#!/usr/bin/env bash
# Runs docs/ensemble.sbatch on a real Slurm on this machine: an array of shards, of which one task is killed and one is
# terminated. After a second submission and a merge, the result must equal the ensemble without shards. The same with
# docs/depth.sbatch, of which one task is submitted later. Requires PDEPTH
# and the packages of `tests/run --only slurm --setup`; needs no systemd, and does not use an existing Slurm.
set -euo pipefail

models=12 shards=3 patience=300
MERGED=(examples.csv examples.jsonl ensemble.json study.safetensors)
MEASURED=(config.toml depth.csv study.safetensors report.html)

main() {
  : "${PDEPTH:?the program to test}"
  export PDEPTH PATH=$PATH:/usr/sbin SHARDS=$shards
  docs=$(realpath -- "$(dirname "${BASH_SOURCE[0]}")/../docs")
  script=$docs/ensemble.sbatch
  folder=$(mktemp -d) daemons=()
  chmod 755 "$folder"
  trap stop_slurm EXIT
  cd "$folder"
  ln -s "$(realpath -- "$PDEPTH")" pdepth
  PDEPTH=$folder/pdepth # by this name its processes are found
  start_slurm
  "$PDEPTH" ensemble plan --examples 400 --hidden 32,16 --epochs 60 --k 10 --margin-examples 20 --runs $models >plan.json

  note "an array of $shards tasks; the second is killed, the third is ended"
  submit
  until_true "a model of the second shard" model_of 1
  hold 1
  scancel --signal=KILL --full "${job}_1"
  until_true "a model of the third shard" model_of 2
  hold 2
  scancel "${job}_2"
  until_true "the end of the array" array_ended
  grep -q "finished models are kept" "ensemble-${job}_2.log" || fail "the third task did not end by itself"
  ! grep -q "models made" "ensemble-${job}_1.log" || fail "the second task was killed too late to tell"
  said=$(status)
  note "$said"
  [[ $said == *"the models of seeds "*" are missing"* ]] || fail "status does not tell what is missing"
  for seed in $(missing); do
    [ $((seed % shards)) -ne 0 ] || fail "seed $seed of the first shard is missing"
  done
  ! "$PDEPTH" ensemble merge --plan plan.json --out ensemble >/dev/null 2>refusal || fail "merged with models missing"
  grep -q "are missing" refusal || fail "the refusal does not tell what is missing"

  note "submitted again"
  submit
  until_true "the end of the array" array_ended
  said=$(status)
  note "$said"
  [ "$said" = "all $models models are there" ] || fail "models are missing"
  "$PDEPTH" ensemble merge --plan plan.json --out ensemble >/dev/null

  note "the same without shards"
  timeout $patience "$PDEPTH" ensemble run --plan plan.json --out whole --quiet
  "$PDEPTH" ensemble merge --plan plan.json --out whole >/dev/null
  for name in "${MERGED[@]}"; do
    cmp "ensemble/$name" "whole/$name" || fail "$name differs"
  done
  ! cmp -s ensemble/examples.csv ensemble/examples.jsonl || fail "the comparison tells nothing apart"
  note "${MERGED[*]}: equal"
  measurement
}

# A measurement of recorded activations.
measurement() {
  local arguments=(--train acts --k 5 --device cpu --quiet)
  write_activations acts
  note "a measurement in an array of $shards tasks; the second is submitted later"
  submit_measurement 0,2
  until_true "the end of the array" array_ended
  ! "$PDEPTH" depth merge shards/*.safetensors --out merged >/dev/null 2>refusal || fail "merged with a shard missing"
  grep -q "these are missing: 1" refusal || fail "the refusal does not tell what is missing"
  submit_measurement 0-$((shards - 1))
  until_true "the end of the array" array_ended
  [ "$(cat "depth-${job}"_*.log | grep -c "it was there already")" = 2 ] || fail "shards were measured again"
  "$PDEPTH" depth merge shards/*.safetensors --out merged >/dev/null
  "$PDEPTH" depth "${arguments[@]}" --out measured >/dev/null
  for name in "${MEASURED[@]}"; do
    cmp "merged/$name" "measured/$name" || fail "$name differs"
  done
  note "${MEASURED[*]}: equal"
}

submit_measurement() {
  job=$(sbatch --parsable --array="$1" --cpus-per-task=2 --time=10 "$docs/depth.sbatch" "${arguments[@]}")
}

# write_activations FOLDER: a layer of 400 x 8 values in 0 to 255.
write_activations() {
  mkdir "$1"
  python3 - "$1" <<'PYTHON'
import random, struct, sys
header = "{'descr': '|u1', 'fortran_order': False, 'shape': (400, 8), }".ljust(117) + "\n"
with open(sys.argv[1] + "/layer0.npy", "wb") as file:
    file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
    file.write(random.Random(0).randbytes(400 * 8))
for name in "labels", "predictions":
    with open(f"{sys.argv[1]}/{name}.txt", "w") as file:
        file.writelines(f"{example % 3}\n" for example in range(400))
PYTHON
}

note() { echo "slurm, $SECONDS s: $*"; }

fail() {
  note "FAILED: $*"
  tail -n 20 ./*.log || true
  exit 1
}

status() { "$PDEPTH" ensemble status --plan plan.json --out ensemble; }
missing() {
  status | sed -n 's/.*the models of seeds \(.*\) are missing/\1/; T; s/,//g; p' | tr ' ' '\n' | while IFS=- read -r first last; do
    seq "$first" "${last:-$first}"
  done
}

submit() {
  job=$(sbatch --parsable --array=0-$((shards - 1)) --cpus-per-task=2 --time=10 "$script" --device cpu --quiet)
}

array_ended() { [ -z "$(squeue --noheader --jobs "$job" 2>/dev/null)" ]; }

# Returns whether a shard has a model; its seeds are those with this remainder.
model_of() {
  local path seed
  for path in ensemble/models/seed-*; do
    [ -e "$path" ] || continue
    seed=${path#ensemble/models/seed-}
    seed=$((10#${seed%%-*}))
    [ $((seed % shards)) -ne "$1" ] || return 0
  done
  return 1
}

# hold SHARD: stops its process, so that it does not end before the scheduler's signal arrives, which may take long on a
# loaded machine. Slurm continues a process before it terminates it.
hold() { pgrep -f -- "$folder/pdepth ensemble run .*--shard $1/$shards " | xargs -r kill -STOP; }

# until_true WHAT PROBE...: waits until the probe succeeds, up to a limit.
until_true() {
  local what=$1 start=$SECONDS
  shift
  until "$@"; do
    [ $((SECONDS - start)) -lt $patience ] || fail "$what: not within $patience s"
    sleep 0.05
  done
}

# Starts three daemons of one user, which store everything in the folder and use ports of their own.
start_slurm() {
  local host
  host=$(hostname -s)
  export SLURM_CONF=$folder/slurm.conf
  mkdir state spool
  cat >slurm.conf <<CONF
ClusterName=pdepth
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=26817
SlurmdPort=26818
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
KillWait=30
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$((2 * shards)) RealMemory=65536 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
  (umask 077 && head -c 128 /dev/urandom >munge.key)
  # munged refuses a folder for temporary files that others can write to, unless it is forced.
  daemon munged --foreground --force --key-file "$folder/munge.key" --socket "$folder/munge.socket" \
    --pid-file "$folder/munge.pid" --seed-file "$folder/munge.seed" --log-file "$folder/munged.log"
  until_true "munged's socket" test -S munge.socket
  daemon slurmctld -D
  daemon slurmd -D
  until_true "a node that is idle" node_is_idle
  note "a Slurm of one node"
}

node_is_idle() { [ "$(timeout 10 sinfo --noheader --format=%T 2>/dev/null)" = idle ]; }

daemon() {
  "$@" >"$1.log" 2>&1 &
  daemons=($! "${daemons[@]}") # the last one is stopped first
}

stop_slurm() {
  local status=$? pid
  [ -z "${job:-}" ] || timeout 20 scancel "$job" 2>/dev/null || true
  for pid in "${daemons[@]}"; do
    kill "$pid" 2>/dev/null || true
    timeout 20 tail --pid="$pid" -f /dev/null || kill -9 "$pid" || true
  done
  rm -rf "$folder"
  exit $status
}

main
