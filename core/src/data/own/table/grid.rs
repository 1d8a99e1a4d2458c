//! Numbers in rows, each a byte as long as all of them are whole numbers from 0 to 255.

/// Numbers, `[rows, columns]`. A table of pixels takes a byte a number, any other table eight.
pub(super) struct Grid {
    columns: usize,
    values: Values,
}

enum Values {
    Bytes(Vec<u8>),
    Numbers(Vec<f64>),
}

impl Grid {
    pub fn new(columns: usize) -> Self {
        Self { columns, values: Values::Bytes(Vec::new()) }
    }

    /// Makes room for further rows, so that no list is copied while it grows.
    pub fn reserve(&mut self, rows: usize) {
        let more = rows.saturating_mul(self.columns);
        match &mut self.values {
            Values::Bytes(bytes) => bytes.reserve_exact(more),
            Values::Numbers(numbers) => numbers.reserve_exact(more),
        }
    }

    pub fn push(&mut self, number: f64) {
        match &mut self.values {
            Values::Numbers(numbers) => numbers.push(number),
            Values::Bytes(bytes) if f64::from(number as u8) == number => bytes.push(number as u8),
            Values::Bytes(bytes) => {
                let mut numbers = Vec::with_capacity(bytes.capacity());
                numbers.extend(bytes.iter().map(|&byte| f64::from(byte)));
                numbers.push(number);
                self.values = Values::Numbers(numbers);
            }
        }
    }

    pub fn at(&self, row: usize, column: usize) -> f64 {
        let place = row * self.columns + column;
        match &self.values {
            Values::Bytes(bytes) => bytes[place].into(),
            Values::Numbers(numbers) => numbers[place],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_when_the_first_is_no_byte() {
        let mut grid = Grid::new(2);
        grid.reserve(2);
        [0.0, 255.0, 256.0, -0.5].into_iter().for_each(|number| grid.push(number));
        assert_eq!(
            [[0, 0], [0, 1], [1, 0], [1, 1]].map(|[row, column]| grid.at(row, column)),
            [0.0, 255.0, 256.0, -0.5]
        );
    }
}
