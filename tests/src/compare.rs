//! Comparators. A test below shows for each that it can fail.

use prediction_depth::search::Neighbors;

/// Checks that indices and distances are bit-identical.
pub fn same_neighbors(expected: &Neighbors, found: &Neighbors) -> Result<(), String> {
    if expected.k != found.k || expected.indices.len() != found.indices.len() {
        return Err(format!("k {} and {}, or lengths differ", expected.k, found.k));
    }
    for place in 0..expected.indices.len() {
        let pair = |n: &Neighbors| (n.indices[place], n.distances[place].to_bits());
        if pair(expected) != pair(found) {
            return Err(format!(
                "query {}, neighbour {}: expected {} at {}, found {} at {}",
                place / expected.k,
                place % expected.k,
                expected.indices[place],
                expected.distances[place],
                found.indices[place],
                found.distances[place],
            ));
        }
    }
    Ok(())
}

/// Checks distances as FAISS does for float32 kernels: each found distance is within `band` (relative) of the expected
/// distance of the same rank, and no index occurs twice for a query. `found` holds (index, distance), `[queries][k]`.
pub fn within_band(expected: &Neighbors, found: &[Vec<(u32, f64)>], band: f64) -> Result<(), String> {
    for (query, found) in found.iter().enumerate() {
        let mut seen = std::collections::HashSet::new();
        for (rank, &(index, distance)) in found.iter().enumerate() {
            let right = expected.distances_of(query)[rank];
            if (distance - right).abs() > band * right.max(f64::MIN_POSITIVE) {
                return Err(format!("query {query}, rank {rank}: {distance} is not within {band} of {right}"));
            }
            if !seen.insert(index) {
                return Err(format!("query {query}: neighbour {index} twice"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one() -> Neighbors {
        Neighbors { k: 2, indices: vec![4, 7], distances: vec![1.0, 2.0] }
    }

    #[test]
    fn same_neighbors_tells_an_index_and_a_bit_apart() {
        assert!(same_neighbors(&one(), &one()).is_ok());
        let other_index = Neighbors { indices: vec![4, 8], ..one() };
        assert!(same_neighbors(&one(), &other_index).is_err());
        let other_bit = Neighbors { distances: vec![1.0, 2.0_f64.next_up()], ..one() };
        assert!(same_neighbors(&one(), &other_bit).is_err());
        let fewer = Neighbors { indices: vec![4], distances: vec![1.0], k: 1 };
        assert!(same_neighbors(&one(), &fewer).is_err());
    }

    #[test]
    fn within_band_tells_distance_and_repetition() {
        assert!(within_band(&one(), &[vec![(7, 1.000_01), (4, 2.0)]], 6e-5).is_ok());
        assert!(within_band(&one(), &[vec![(4, 1.001), (7, 2.0)]], 6e-5).is_err());
        assert!(within_band(&one(), &[vec![(4, 1.0), (4, 2.0)]], 6e-5).is_err());
    }
}
