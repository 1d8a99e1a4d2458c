//! Measures some examples of each split against the whole support.

use super::backwards::backwards;
use super::probing::Probing;
use super::splits::Splits;
use crate::class::Class;
use crate::depth::PredictionDepth;
use crate::error::{Error, Result, same_length};
use crate::representations::Representations;
use crate::search::{NeighborSearch, Progress};

/// A split, and the rows of it that are measured.
pub struct Chosen<'a, R> {
    /// The representations of the whole split.
    pub source: &'a R,
    /// Rows of the split, increasing; there may be none.
    pub rows: &'a [u32],
}

/// Measures some examples of the training split, then of each held-out split: all of their probes. The support is the
/// whole training split, and the representations are those of whole splits, so the result equals that of
/// [`measure`](super::measure) for these examples, to the bit.
///
/// `splits` begins with the training split, and `labels` are its given labels. `earlier` is a result for the same examples
/// and other weights: the probe of the first layer, the input, is taken from it, since the input does not depend on
/// weights. `progress` counts queries over all layers. Returns the splits in order, each `[rows]`.
///
/// # Errors
/// Those of [`measure`](super::measure); [`Error::Empty`] without a split; [`Error::Mismatch`] if a split has no such row,
/// or if `earlier` has other splits, examples or layers.
pub async fn measure_some<R: Representations>(
    splits: &[Chosen<'_, R>],
    labels: &[Class],
    probing: Probing,
    earlier: Option<&[PredictionDepth]>,
    search: &impl NeighborSearch,
    progress: &impl Progress,
) -> Result<Vec<PredictionDepth>> {
    let whole = whole(splits, labels, probing)?;
    let mut measured = splits.iter().map(|split| unprobed(split, whole.layers())).collect::<Result<Vec<_>>>()?;
    check(earlier, &measured)?;
    let counts: Vec<usize> = splits.iter().map(|split| split.rows.len()).collect();
    for layer in 0..whole.layers() {
        let training = whole.layer(0, layer)?;
        let probe = whole.probe(&training);
        for (place, (chosen, depth)) in splits.iter().zip(&mut measured).enumerate() {
            // A layer is asked for even where it is not searched: one pass then computes the layers after it, too.
            let queries = if place == 0 { None } else { Some(whole.layer(place, layer)?) };
            if let (0, Some(earlier)) = (layer, earlier) {
                depth.probes[0].clone_from(&earlier[place].probes[0]);
                depth.tied[0].clone_from(&earlier[place].tied[0]);
                continue;
            }
            if chosen.rows.is_empty() {
                continue;
            }
            let part = whole.stretch(progress, layer, place, &counts);
            let asked = whole.asked(place, chosen.rows);
            let decisions = match &queries {
                None => asked.decide(&probe, &training, search, &part).await,
                Some(queries) => asked.decide(&probe, queries, search, &part).await,
            };
            let decisions = decisions.map_err(|error| whole.located(error, place, layer))?;
            for (example, decision) in decisions.into_iter().enumerate() {
                depth.note(layer, example, decision);
            }
        }
    }
    Ok(measured)
}

/// Computes the same depths for some examples as [`measure_depths`](super::measure_depths) does, with only the probes
/// that they depend on. Returns the splits in order, each `[rows]`, and the shape of the support at each layer,
/// `[layers]`.
///
/// # Errors
/// Those of [`measure_some`].
pub async fn measure_some_depths<R: Representations>(
    splits: &[Chosen<'_, R>],
    labels: &[Class],
    probing: Probing,
    search: &impl NeighborSearch,
    progress: &impl Progress,
) -> Result<(Vec<PredictionDepth>, Vec<[usize; 2]>)> {
    let whole = whole(splits, labels, probing)?;
    splits.iter().try_for_each(|split| unprobed(split, 0).map(drop))?; // refuses rows that are not there
    let rows = splits.iter().map(|split| split.rows.to_vec()).collect();
    let (measured, supports) = backwards(&whole, rows, search, progress).await?;
    let rows = |split: &Chosen<'_, R>| split.rows.iter().map(|&row| row as usize).collect::<Vec<_>>();
    Ok((splits.iter().zip(measured).map(|(split, measured)| measured.select(&rows(split))).collect(), supports))
}

/// Returns the whole splits.
fn whole<'a, R: Representations>(
    splits: &[Chosen<'a, R>],
    labels: &'a [Class],
    probing: Probing,
) -> Result<Splits<'a, R>> {
    let Some((training, held_out)) = splits.split_first() else {
        return Err(Error::Empty { what: "the training split".into() });
    };
    let held_out: Vec<&R> = held_out.iter().map(|split| split.source).collect();
    Splits::new(training.source, labels, &held_out, probing)
}

/// Returns the state before any probe.
fn unprobed<R: Representations>(chosen: &Chosen<'_, R>, layers: usize) -> Result<PredictionDepth> {
    let predictions = chosen.source.predictions();
    let of = |&row: &u32| {
        let none =
            || Error::Mismatch { what: "rows of a split".into(), expected: predictions.len(), found: row as usize };
        predictions.get(row as usize).copied().ok_or_else(none)
    };
    Ok(PredictionDepth::unprobed(&chosen.rows.iter().map(of).collect::<Result<Vec<_>>>()?, layers))
}

fn check(earlier: Option<&[PredictionDepth]>, now: &[PredictionDepth]) -> Result<()> {
    let Some(earlier) = earlier else { return Ok(()) };
    same_length("splits of the earlier result", now.len(), earlier.len())?;
    for (earlier, now) in earlier.iter().zip(now) {
        same_length("examples of the earlier result", now.predictions.len(), earlier.predictions.len())?;
        same_length("layers of the earlier result", now.probes.len(), earlier.probes.len())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use pollster::block_on;
    use rand::RngExt;

    use super::*;
    use crate::matrix::Matrix;
    use crate::measurement::{measure, measure_depths};
    use crate::random::{Stream, generator};
    use crate::representations::Recorded;
    use crate::search::Cpu;

    /// Three layers of few values, so that distances and votes tie.
    fn recorded(rows: usize, seed: u64) -> Recorded {
        let mut rng = generator(seed, Stream::Order);
        let mut values = |dims: usize| (0..rows * dims).map(|_| rng.random_range(0..3) as f32).collect();
        let layers = [2, 3, 4].map(|dims| Matrix::new(values(dims), rows, dims).expect("they fit"));
        let predictions = (0..rows as Class).map(|row| row % 2).collect();
        Recorded::new(["input", "hidden1", "softmax"].map(String::from).into(), layers.into(), predictions)
            .expect("fit")
    }

    fn some(
        [training, test]: [&Recorded; 2],
        rows: [&[u32]; 2],
        probing: Probing,
        earlier: Option<&[PredictionDepth]>,
    ) -> Result<Vec<PredictionDepth>> {
        let labels: Vec<Class> = (0..training.predictions().len() as Class).map(|row| row * row % 3).collect();
        let splits = [Chosen { source: training, rows: rows[0] }, Chosen { source: test, rows: rows[1] }];
        block_on(measure_some(&splits, &labels, probing, earlier, &Cpu::default(), &()))
    }

    #[test]
    fn some_examples_have_the_probes_that_all_have() {
        let (training, test) = (recorded(60, 1), recorded(20, 2));
        let labels: Vec<Class> = (0..60).map(|row| row * row % 3).collect();
        for include_self in [false, true] {
            let probing = Probing { k: 7, include_self, ..Probing::default() };
            let whole = block_on(measure(&training, &labels, &[&test], probing, &Cpu::default(), &())).expect("all");
            let every: Vec<u32> = (0..60).collect();
            for rows in [&[3, 4, 17, 59][..], &every[..40], &every, &[]] {
                let found = some([&training, &test], [rows, &[0, 19]], probing, None).expect("some");
                for (found, whole, rows) in [(&found[0], &whole[0], rows), (&found[1], &whole[1], &[0, 19][..])] {
                    assert_eq!(found.predictions.len(), rows.len());
                    for (place, &row) in rows.iter().enumerate() {
                        let of = |all: &PredictionDepth, row: usize| {
                            let tied: Vec<bool> = all.tied.iter().map(|layer| layer[row]).collect();
                            let probes: Vec<Class> = all.probes.iter().map(|layer| layer[row]).collect();
                            (all.predictions[row], probes, tied)
                        };
                        assert_eq!(of(found, place), of(whole, row as usize), "row {row} of {rows:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn some_examples_have_the_depths_that_all_have() {
        let (training, test) = (recorded(60, 1), recorded(20, 2));
        let labels: Vec<Class> = (0..60).map(|row| row * row % 3).collect();
        let probing = Probing { k: 7, ..Probing::default() };
        let (whole, _) =
            block_on(measure_depths(&training, &labels, &[&test], probing, &Cpu::default(), &())).expect("all");
        let every: Vec<u32> = (0..60).collect();
        for rows in [&[3, 4, 17, 59][..], &every[..40], &every, &[]] {
            let splits = [Chosen { source: &training, rows }, Chosen { source: &test, rows: &[0, 19] }];
            let found = block_on(measure_some_depths(&splits, &labels, probing, &Cpu::default(), &()));
            let (found, supports) = found.expect("some");
            assert_eq!(supports, [[60, 2], [60, 3], [60, 4]]);
            let chosen: Vec<usize> = rows.iter().map(|&row| row as usize).collect();
            assert_eq!(found, [whole[0].select(&chosen), whole[1].select(&[0, 19])], "{rows:?}");
        }
        let splits = [Chosen { source: &training, rows: &[60] }];
        assert!(block_on(measure_some_depths(&splits, &labels, probing, &Cpu::default(), &())).is_err());
    }

    #[test]
    fn the_probe_of_the_input_is_taken_from_an_earlier_result() {
        let (training, test) = (recorded(60, 1), recorded(20, 2));
        let splits = [&training, &test];
        let rows: [&[u32]; 2] = [&[3, 4, 17], &[5]];
        let first = some(splits, rows, Probing::default(), None).expect("the first");
        assert_eq!(some(splits, rows, Probing::default(), Some(&first)).expect("equal"), first);
        let mut other = first.clone();
        other[0].probes[0] = vec![8, 9, 8];
        let found = some(splits, rows, Probing::default(), Some(&other)).expect("its input");
        assert_eq!((&found[0].probes[0], &found[0].probes[1..]), (&vec![8, 9, 8], &first[0].probes[1..]));
        let refused = |other: &[PredictionDepth]| some(splits, rows, Probing::default(), Some(other)).is_err();
        assert!(refused(&first[..1]), "one split");
        other[0].probes.pop();
        assert!(refused(&other), "another layer");
        other[0].clone_from(&first[1]);
        assert!(refused(&other), "another example");
    }

    #[test]
    fn rows_beyond_the_end_are_refused() {
        let (training, test) = (recorded(60, 1), recorded(20, 2));
        let error = some([&training, &test], [&[0], &[20]], Probing::default(), None).expect_err("20 rows");
        assert!(matches!(error, Error::Mismatch { expected: 20, found: 20, .. }), "{error}");
        let none: [Chosen<Recorded>; 0] = [];
        assert!(block_on(measure_some(&none, &[], Probing::default(), None, &Cpu::default(), &())).is_err());
    }
}
