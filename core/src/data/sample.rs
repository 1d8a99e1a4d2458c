//! A sample in which every class keeps its share.

use crate::class::Class;
use crate::random::{Stream, generator, shuffled};

/// Draws `count` positions of `labels` at random by `seed`, so that every class keeps its share; all of them if there are
/// no more. Returns them in order, `[count]`. Labels are below `classes`.
///
/// A share that is no whole number is rounded down; the positions that are then missing go to the classes with the
/// largest remainders (our choice).
///
/// # Panics
/// If a label is not below `classes`.
pub fn stratified(labels: &[Class], classes: usize, count: usize, seed: u64) -> Vec<usize> {
    if count >= labels.len() {
        return (0..labels.len()).collect();
    }
    let mut quotas = quotas(labels, classes, count);
    let mut drawn: Vec<usize> = shuffled(labels.len(), &mut generator(seed, Stream::Sample));
    drawn.retain(|&place| {
        let quota = &mut quotas[labels[place] as usize];
        let fits = *quota > 0;
        *quota = quota.saturating_sub(1);
        fits
    });
    drawn.sort_unstable();
    drawn
}

/// Returns how many of `count` positions each class gets, `[classes]`.
fn quotas(labels: &[Class], classes: usize, count: usize) -> Vec<usize> {
    let mut sizes = vec![0_u128; classes];
    labels.iter().for_each(|&label| sizes[label as usize] += 1);
    let (count, all) = (count as u128, labels.len() as u128);
    let mut quotas: Vec<usize> = sizes.iter().map(|size| (count * size / all) as usize).collect();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|&class| std::cmp::Reverse(count * sizes[class] % all));
    let missing = count as usize - quotas.iter().sum::<usize>();
    order[..missing].iter().for_each(|&class| quotas[class] += 1);
    quotas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_keeps_its_share() {
        let labels: Vec<Class> = (0..100).map(|place| Class::from(place % 10 < 3)).collect();
        let drawn = stratified(&labels, 3, 20, 7);
        assert!(drawn.len() == 20 && drawn.is_sorted());
        assert_eq!(drawn.iter().filter(|&&place| labels[place] == 1).count(), 6);
        assert_ne!(drawn, stratified(&labels, 3, 20, 8), "another seed draws others");
    }

    #[test]
    fn no_more_than_there_are() {
        assert_eq!(stratified(&[0, 0, 1], 2, 5, 0), [0, 1, 2]);
        assert_eq!(stratified(&[0, 0, 1], 2, 0, 0), [0; 0]);
        assert_eq!(stratified(&[], 2, 5, 0), [0; 0]);
    }
}
