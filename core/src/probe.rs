//! The k-NN probe: predicts an example's class from its neighbours at one layer.

use crate::class::Class;
use crate::error::{Result, same_length};
use crate::matrix::Rows;
use crate::metric::{Metric, UnitRows};
use crate::search::{Exclude, Manhattan, NeighborSearch, Neighbors, Progress, Query, Reduction};

/// The winner among several classes with the most votes (the paper does not say).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Ties {
    /// The lowest class, as in scikit-learn.
    #[default]
    Lowest,
    /// The tied class with the nearest member.
    Nearest,
}

/// A k-nearest-neighbour classifier on the training set's representations at one layer, with uniform votes (paper, section
/// 2, which uses k = 30 and Euclidean distance).
pub struct KnnProbe<'a, S> {
    /// Representations of the training set, [support, dims].
    pub support: S,
    /// Given labels of the training set, `[support]`.
    pub labels: &'a [Class],
    /// Number of neighbours that vote.
    pub k: usize,
    /// The rule for ties.
    pub ties: Ties,
    /// The distance. Only [`Metric::Manhattan`] has a search of its own, whatever search the caller gives.
    pub metric: Metric,
}

/// The predictions of a probe and the neighbours that voted.
pub struct ProbeVotes {
    /// The winning class, `[queries]`.
    pub classes: Vec<Class>,
    /// Whether another class had as many votes, `[queries]`.
    pub tied: Vec<bool>,
    /// The neighbours that voted, `[queries, k]`.
    pub neighbors: Neighbors,
}

impl<S: Rows> KnnProbe<'_, S> {
    /// Predicts the classes of `queries` [queries, dims]. With [`Exclude::Itself`], the queries are the support, and no
    /// row votes on itself.
    ///
    /// # Errors
    /// Any error of [`NeighborSearch::search`], and [`Error::Mismatch`](crate::Error::Mismatch) if the number of labels
    /// differs.
    pub async fn predict(
        &self,
        queries: &impl Rows,
        exclude: Exclude<'_>,
        search: &impl NeighborSearch,
        progress: &impl Progress,
    ) -> Result<ProbeVotes> {
        same_length("labels, one for each support row", self.support.shape()[0], self.labels.len())?;
        let query = Query { support: &self.support, queries, k: self.k, exclude };
        let neighbors = match self.metric {
            Metric::Euclidean => search.search(query, progress).await?,
            Metric::Manhattan => Manhattan.search(query, progress).await?,
            Metric::Cosine => {
                let (support, queries) = unit_rows(query);
                search.search(Query { support: &support, queries: &queries, k: self.k, exclude }, progress).await?
            }
        };
        let decided = neighbors.indices.chunks_exact(self.k).map(|voters| {
            let ballots: Vec<Class> = voters.iter().map(|&voter| self.labels[voter as usize]).collect();
            majority(&ballots, self.ties)
        });
        let (classes, tied) = decided.unzip();
        Ok(ProbeVotes { classes, tied, neighbors })
    }

    /// Predicts classes as [`predict`](Self::predict) does, `[queries]`, but without the neighbours, so that a search
    /// need not determine all of them.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub async fn classify(
        &self,
        queries: &impl Rows,
        exclude: Exclude<'_>,
        search: &impl NeighborSearch,
        progress: &impl Progress,
    ) -> Result<Vec<Decision>> {
        same_length("labels, one for each support row", self.support.shape()[0], self.labels.len())?;
        let ballot = Ballot { labels: self.labels, ties: self.ties };
        let query = Query { support: &self.support, queries, k: self.k, exclude };
        match self.metric {
            Metric::Euclidean => search.search_reduce(query, &ballot, progress).await,
            Metric::Manhattan => Manhattan.search_reduce(query, &ballot, progress).await,
            Metric::Cosine => {
                let (support, queries) = unit_rows(query);
                let query = Query { support: &support, queries: &queries, k: self.k, exclude };
                search.search_reduce(query, &ballot, progress).await
            }
        }
    }
}

/// Returns the support and the queries of a search, scaled to unit length.
fn unit_rows<'a, S, Q>(query: Query<'a, S, Q>) -> (UnitRows<'a, S>, UnitRows<'a, Q>) {
    let support = UnitRows { source: query.support, what: "the support" };
    (support, UnitRows { source: query.queries, what: "the queries" })
}

/// The result of a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The winning class.
    pub class: Class,
    /// Whether another class had as many votes.
    pub tied: bool,
}

struct Ballot<'a> {
    labels: &'a [Class],
    ties: Ties,
}

impl Reduction for Ballot<'_> {
    type Answer = Decision;

    fn answer(&self, nearest: &[u32]) -> Decision {
        let votes: Vec<Class> = nearest.iter().map(|&row| self.labels[row as usize]).collect();
        let (class, tied) = majority(&votes, self.ties);
        Decision { class, tied }
    }

    /// The leader wins for certain if no other class can reach its certain votes.
    fn decide_early(&self, certain: &[u32], possible: &[u32], k: usize) -> Option<Decision> {
        // (class, certain votes, possible votes); a list suffices, since classes are few.
        let mut votes: Vec<(Class, usize, usize)> = Vec::new();
        for (at, &row) in certain.iter().chain(possible).enumerate() {
            let class = self.labels[row as usize];
            let place = votes.iter().position(|vote| vote.0 == class).unwrap_or_else(|| {
                votes.push((class, 0, 0));
                votes.len() - 1
            });
            if at < certain.len() {
                votes[place].1 += 1;
            } else {
                votes[place].2 += 1;
            }
        }
        let &(leader, most, _) = votes.iter().max_by_key(|vote| vote.1)?;
        let seats = k - certain.len();
        let beaten = votes.iter().all(|&(class, sure, open)| class == leader || sure + seats.min(open) < most);
        beaten.then_some(Decision { class: leader, tied: false })
    }
}

/// Returns the class with the most votes, and whether another class has as many. Votes are ordered, the nearest first.
pub fn majority(votes: &[Class], ties: Ties) -> (Class, bool) {
    let count = |class: Class| votes.iter().filter(|&&vote| vote == class).count();
    let most = votes.iter().map(|&vote| count(vote)).max().unwrap_or_default();
    let mut winners: Vec<Class> = Vec::new();
    for &vote in votes {
        if count(vote) == most && !winners.contains(&vote) {
            winners.push(vote);
        }
    }
    let winner = match ties {
        Ties::Nearest => winners.first(),
        Ties::Lowest => winners.iter().min(),
    };
    (winner.copied().unwrap_or_default(), winners.len() > 1)
}
