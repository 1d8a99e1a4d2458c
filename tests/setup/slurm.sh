# shellcheck shell=bash
# The scheduler, for the group `slurm`.

setup_slurm() {
  look_for_slurm
  if [ ${#missing[@]} -gt 0 ] && on_debian; then
    apt_install "${packages[@]}"
    look_for_slurm
  fi
  [ ${#missing[@]} -eq 0 ] || stop "missing: $(joined "${missing[@]}")"
}

look_for_slurm() {
  missing=() packages=()
  need "Slurm (slurmctld, slurmd, sbatch)" "slurm-wlm" slurm_programs
  need "munged" "munge" sbin munged
  need "pgrep" "procps" command -v pgrep
}

slurm_programs() { sbin slurmctld && sbin slurmd && command -v sbatch squeue scancel sinfo; }
sbin() { PATH=$PATH:/usr/sbin command -v "$1"; }
