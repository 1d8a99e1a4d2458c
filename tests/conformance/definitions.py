"""What the readings of "prediction depth" differ in, and the readings."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Reading:
    """One way to compute the depth. The defaults are ours."""

    layers: str = "all"  # or "without the first"
    values: str = "layers"  # or another matrix of the case: "layers_before_relu", "pooled"
    support: str = "all"  # or "last batch", "balanced"
    metric: str = "euclidean"  # or "manhattan", "cosine"
    order: str = "nearest"  # or "farthest"
    equal_distances: str = "lowest index"  # or "highest index"
    itself: str = "left out"  # or "votes", "first rank dropped", "first of k dropped"
    held_out: str = "nothing dropped"  # or "first rank dropped"
    votes: str = "uniform"  # or "inverse distance", "exponential of the squared distance"
    tied_votes: str = "lowest class"  # or "class of the nearest"
    abstains: float = 0.0  # a probe whose winner has at most this share of the votes says nothing
    compared_with: str = "network"  # or "last probe", "label"
    settled: str = "from then on"  # or "at first"
    counted: str = "as depth"  # or "from one", "over probes", "undetermined as null"


OURS = Reading()
READINGS = {
    "ours": OURS,
    "include_self": Reading(itself="votes"),
    "drop_first_rank": Reading(itself="first rank dropped"),
    "drop_first_rank_of_k": Reading(itself="first of k dropped"),
    "drop_first_rank_everywhere": Reading(itself="first rank dropped", held_out="first rank dropped"),
    "equal_distances_highest_index": Reading(equal_distances="highest index"),
    "farthest": Reading(order="farthest"),
    "l1": Reading(metric="manhattan"),
    "cosine": Reading(metric="cosine"),
    "ties_nearest": Reading(tied_votes="class of the nearest"),
    "weighted_votes": Reading(votes="inverse distance"),
    "abstains": Reading(abstains=0.62),
    "compared_with_last_probe": Reading(compared_with="last probe"),
    "compared_with_label": Reading(compared_with="label"),
    "first_agreement": Reading(settled="at first"),
    "without_input": Reading(layers="without the first"),
    "before_relu": Reading(values="layers_before_relu"),
    "mean_pooled": Reading(values="pooled"),
    "last_batch": Reading(support="last batch"),
    "balanced_support": Reading(support="balanced"),
    "depth_over_probes": Reading(counted="over probes"),
    "counted_from_one": Reading(counted="from one"),
    "undetermined_as_null": Reading(counted="undetermined as null"),
    "as_read_aucurriculum": Reading(itself="votes", counted="over probes"),
    "as_read_nn_example_difficulty": Reading(itself="votes", compared_with="label"),
    "as_read_angulargap": Reading(
        layers="without the first",
        order="farthest",
        itself="first rank dropped",
        votes="exponential of the squared distance",
        compared_with="last probe",
        counted="from one",
    ),
}
