//! Ranking metrics: AUROC and average precision.

/// Returns the area under the ROC curve: the probability that a positive scores higher than a negative, where ties
/// count half (Mann and Whitney, 1947). `scores` and `is_positive` are `[examples]`.
///
/// Returns `None` without positives, without negatives, or if a score is NaN.
pub fn auroc(scores: &[f64], is_positive: &[bool]) -> Option<f64> {
    let groups = groups(scores, is_positive)?;
    let (all, missed) = totals(&groups);
    let (mut below, mut area) = (0.0, 0.0);
    for [positives, others] in groups.iter().rev().map(|group| group.map(|count| count as f64)) {
        area += positives * (below + 0.5 * others);
        below += others;
    }
    (all > 0 && missed > 0).then(|| area / (all as f64 * missed as f64))
}

/// Returns the average precision: the mean over all positives of the precision at the threshold of their score, where
/// ties share a threshold (scikit-learn's `average_precision_score`). `scores` and `is_positive` are `[examples]`.
///
/// Returns `None` without positives, or if a score is NaN.
pub fn average_precision(scores: &[f64], is_positive: &[bool]) -> Option<f64> {
    let groups = groups(scores, is_positive)?;
    let (all, _) = totals(&groups);
    let (mut found, mut seen, mut sum) = (0, 0, 0.0);
    for [positives, others] in groups {
        found += positives;
        seen += positives + others;
        sum += positives as f64 * found as f64 / seen as f64;
    }
    (all > 0).then(|| sum / all as f64)
}

/// Counts positives and negatives of each score, from the highest score down.
fn groups(scores: &[f64], is_positive: &[bool]) -> Option<Vec<[usize; 2]>> {
    if scores.iter().any(|score| score.is_nan()) {
        return None;
    }
    let mut pairs: Vec<(f64, bool)> = scores.iter().copied().zip(is_positive.iter().copied()).collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let count = |group: &[(f64, bool)]| {
        let positives = group.iter().filter(|(_, is_positive)| *is_positive).count();
        [positives, group.len() - positives]
    };
    Some(pairs.chunk_by(|a, b| a.0 == b.0).map(count).collect())
}

fn totals(groups: &[[usize; 2]]) -> (usize, usize) {
    groups.iter().fold((0, 0), |(is_positive, others), group| (is_positive + group[0], others + group[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let is_positive = [true, false, true, false];
        // Of the four pairs, three are in order and one is tied.
        assert_eq!(auroc(&[0.9, 0.4, 0.4, 0.1], &is_positive), Some(3.5 / 4.0));
        // At 0.9: one of one; at 0.4: two of three.
        assert_eq!(average_precision(&[0.9, 0.4, 0.4, 0.1], &is_positive), Some(0.5 * (1.0 + 2.0 / 3.0)));
        assert_eq!(auroc(&[0.1, 0.4, 0.4, 0.9], &is_positive), Some(0.5 / 4.0), "the wrong way round");
        assert_eq!(auroc(&[-0.0, 0.0, 0.0, -0.0], &is_positive), Some(0.5));
    }

    #[test]
    fn without_both_there_is_no_area() {
        assert_eq!(auroc(&[0.1, 0.2], &[true, true]), None);
        assert_eq!(average_precision(&[0.1, 0.2], &[false, false]), None);
        assert_eq!((auroc(&[f64::NAN, 0.2], &[true, false]), average_precision(&[f64::NAN], &[true])), (None, None));
    }
}
