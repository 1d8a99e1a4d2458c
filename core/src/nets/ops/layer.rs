//! A convolution and what follows it, as one operation of candle: an image goes all the way while it is in the cache.

use std::sync::OnceLock;

use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor, bail};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::sweep::{Back, Sweep};
use super::tile::Grid;
use super::{read, values};

/// Parts of a batch whose kernel gradients are added up one by one: fixed, so that sums do not depend on the number of threads.
const PARTS: usize = 16;

/// What follows a sweep. Called where the processor's vector instructions are on: implement it inline.
pub(super) trait Ending: Send + Sync + 'static {
    /// What the way back needs of an image.
    type Kept: Send + Sync;

    /// Parameters of each map.
    fn parameters(&self) -> usize;

    /// What comes out of an image: [height, width].
    fn output(&self, sweep: &Sweep) -> [usize; 2];

    /// An image's maps, which may be taken, to what comes out; `parameters`: [parameters, maps].
    fn forward(
        &self,
        sweep: &Sweep,
        parameters: &[f32],
        maps: &mut Vec<f32>,
        residual: Option<&[f32]>,
        out: &mut [f32],
    ) -> Self::Kept;

    /// The gradient of what came out to that of the maps, where they lie `to`; adds that of the parameters to `sums`.
    fn backward(
        &self,
        sweep: &Sweep,
        parameters: &[f32],
        kept: &Self::Kept,
        gradient: &[f32],
        maps: (Grid, &mut [f32]),
        sums: &mut [f32],
    );

    /// The gradient of the residual.
    ///
    /// # Errors
    /// Where a tensor operation fails.
    fn of_residual(&self, residual: &Tensor, gradient: &Tensor) -> Result<Tensor>;
}

/// Inputs [n, height, width, channels], parameters [outputs, a kernel's and then the ending's] and perhaps what is added.
pub(super) struct Layer<E: Ending> {
    pub sweep: Sweep,
    pub ending: E,
    /// Whether there will be a way back.
    pub keeps: bool,
    pub kept: OnceLock<Vec<E::Kept>>,
}

/// One image on its way there.
struct Forth<'a, E: Ending> {
    layer: &'a Layer<E>,
    kernels: &'a [f32],
    parameters: &'a [f32],
    image: &'a [f32],
    residual: Option<&'a [f32]>,
    padded: &'a mut [f32],
    maps: &'a mut Vec<f32>,
    out: &'a mut [f32],
}

impl<E: Ending> WithSimd for Forth<'_, E> {
    type Output = E::Kept;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> E::Kept {
        let Layer { sweep, ending, .. } = self.layer;
        sweep.pad(self.image, self.padded);
        self.maps.resize(sweep.size.maps(), 0.0);
        sweep.forward(simd, self.padded, self.kernels, self.maps);
        ending.forward(sweep, self.parameters, self.maps, self.residual, self.out)
    }
}

/// One image on its way back.
struct Again<'a, E: Ending> {
    layer: &'a Layer<E>,
    kernels: &'a Back,
    parameters: &'a [f32],
    image: &'a [f32],
    kept: &'a E::Kept,
    gradient: &'a [f32],
    padded: &'a mut [f32],
    maps: &'a mut [f32],
    of_kernels: &'a mut [f32],
    of_parameters: &'a mut [f32],
    of_image: Option<&'a mut [f32]>,
}

impl<E: Ending> WithSimd for Again<'_, E> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Layer { sweep, ending, .. } = self.layer;
        let inner = sweep.size.inner_gradient(sweep.packing().wide());
        let to = (inner, &mut *self.maps);
        ending.backward(sweep, self.parameters, self.kept, self.gradient, to, self.of_parameters);
        sweep.pad(self.image, self.padded);
        sweep.of_kernels(simd, self.padded, self.maps, self.of_kernels);
        if let Some(of_image) = self.of_image {
            sweep.of_inputs(simd, self.image, self.maps, self.kernels, of_image);
        }
    }
}

impl<E: Ending> Layer<E> {
    /// Values of a row of parameters.
    fn row(&self) -> usize {
        self.sweep.size.patch() + self.ending.parameters()
    }

    /// The ending's parameters, [parameters, maps].
    fn endings(&self, parameters: &[f32]) -> Vec<f32> {
        let (patch, row) = (self.sweep.size.patch(), self.row());
        (patch..row).flat_map(|at| parameters[at..].iter().step_by(row).copied()).collect()
    }

    fn shape(&self) -> [usize; 4] {
        let [height, width] = self.ending.output(&self.sweep);
        [self.sweep.size.images, height, width, self.sweep.size.outputs]
    }

    fn forward(&self, inputs: &[f32], parameters: &[f32], residual: Option<&[f32]>) -> (CpuStorage, Shape) {
        let (sweep, size) = (&self.sweep, &self.sweep.size);
        let packed = sweep.forth(&sweep.kernels(parameters, self.row()));
        let endings = self.endings(parameters);
        let [images, height, width, outputs] = self.shape();
        let each = height * width * outputs;
        let mut out = vec![0.0; images * each];
        let scratch = || (vec![0.0; size.padded_image()], Vec::new());
        let images = out.par_chunks_mut(each).zip(inputs.par_chunks(size.image())).enumerate();
        let all = images.map_init(scratch, |(padded, maps), (at, (out, image))| {
            let residual = residual.map(|values| &values[at * each..][..each]);
            let (kernels, parameters) = (&packed[..], &endings[..]);
            Arch::new().dispatch(Forth { layer: self, kernels, parameters, image, residual, padded, maps, out })
        });
        if self.keeps {
            // Set once only: an operation is made for each call.
            let _ = self.kept.set(all.collect());
        } else {
            all.for_each(drop);
        }
        (CpuStorage::F32(out), self.shape().to_vec().into())
    }

    /// The gradients of inputs, where they are `wanted`, and of parameters.
    fn backward(
        &self,
        inputs: &[f32],
        parameters: &[f32],
        gradient: &[f32],
        wanted: bool,
    ) -> Result<(Option<Vec<f32>>, Vec<f32>)> {
        let Some(kept) = self.kept.get() else { bail!("the way back was not prepared") };
        let (sweep, size) = (&self.sweep, &self.sweep.size);
        let kernels = sweep.kernels(parameters, self.row());
        let (back, packing, endings) = (sweep.back(&kernels), sweep.packing(), self.endings(parameters));
        let each = gradient.len() / size.images;
        let part = size.images.div_ceil(PARTS);
        let mut of_inputs = wanted.then(|| vec![0.0; inputs.len()]);
        let places: Vec<Option<&mut [f32]>> = match &mut of_inputs {
            Some(values) => values.chunks_mut(part * size.image()).map(Some).collect(),
            None => (0..size.images.div_ceil(part)).map(|_| None).collect(),
        };
        let scratch = || (vec![0.0; size.padded_image()], vec![0.0; size.padded_gradient(packing.wide())]);
        let of_part = |(padded, maps): &mut (Vec<f32>, Vec<f32>), (at, mut place): (usize, Option<&mut [f32]>)| {
            let (mut of_kernels, mut of_parameters) = (vec![0.0; packing.len()], vec![0.0; endings.len()]);
            for (within, at) in (at * part..((at + 1) * part).min(size.images)).enumerate() {
                Arch::new().dispatch(Again {
                    layer: self,
                    kernels: &back,
                    parameters: &endings,
                    image: &inputs[at * size.image()..][..size.image()],
                    kept: &kept[at],
                    gradient: &gradient[at * each..][..each],
                    padded,
                    maps,
                    of_kernels: &mut of_kernels,
                    of_parameters: &mut of_parameters,
                    of_image: place.as_mut().map(|values| &mut values[within * size.image()..][..size.image()]),
                });
            }
            (of_kernels, of_parameters)
        };
        let sums: Vec<_> = places.into_par_iter().enumerate().map_init(scratch, of_part).collect();
        let (mut of_kernels, mut of_endings) = (vec![0.0; packing.len()], vec![0.0; endings.len()]);
        for (kernels, endings) in &sums {
            of_kernels.iter_mut().zip(kernels).for_each(|(sum, value)| *sum += value);
            of_endings.iter_mut().zip(endings).for_each(|(sum, value)| *sum += value);
        }
        let mut of_parameters = vec![0.0; parameters.len()];
        for (map, row) in of_parameters.chunks_exact_mut(self.row()).enumerate() {
            let (kernel, rest) = row.split_at_mut(size.patch());
            packing.unpacked(&of_kernels, map).enumerate().for_each(|(at, value)| kernel[sweep.place(at)] = value);
            sweep.unstandardised(&kernels, map, kernel);
            rest.iter_mut().zip(of_endings[map..].iter().step_by(size.outputs)).for_each(|(to, value)| *to = *value);
        }
        Ok((of_inputs, of_parameters))
    }

    fn gradients(&self, inputs: &Tensor, parameters: &Tensor, gradient: &Tensor) -> Result<[Option<Tensor>; 2]> {
        let wanted = inputs.track_op();
        let found = read(inputs, |of| read(parameters, |by| read(gradient, |to| self.backward(of, by, to, wanted))));
        let (of_inputs, of_parameters) = found?;
        let of_inputs =
            of_inputs.map(|values| Tensor::from_vec(values, inputs.shape(), inputs.device())).transpose()?;
        Ok([of_inputs, Some(Tensor::from_vec(of_parameters, parameters.shape(), inputs.device())?)])
    }
}

impl<E: Ending> CustomOp2 for Layer<E> {
    fn name(&self) -> &'static str {
        "layer"
    }

    fn cpu_fwd(&self, x: &CpuStorage, of: &Layout, by: &CpuStorage, with: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok(self.forward(values(x, of)?, values(by, with)?, None))
    }

    fn bwd(
        &self,
        inputs: &Tensor,
        parameters: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let [of_inputs, of_parameters] = self.gradients(inputs, parameters, &gradient.contiguous()?)?;
        Ok((of_inputs, of_parameters))
    }
}

impl<E: Ending> CustomOp3 for Layer<E> {
    fn name(&self) -> &'static str {
        "layer-with-residual"
    }

    fn cpu_fwd(
        &self,
        inputs: &CpuStorage,
        of: &Layout,
        parameters: &CpuStorage,
        by: &Layout,
        residual: &CpuStorage,
        and: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        Ok(self.forward(values(inputs, of)?, values(parameters, by)?, Some(values(residual, and)?)))
    }

    fn bwd(
        &self,
        inputs: &Tensor,
        parameters: &Tensor,
        residual: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let [of_inputs, of_parameters] = self.gradients(inputs, parameters, &gradient)?;
        Ok((of_inputs, of_parameters, Some(self.ending.of_residual(residual, &gradient)?)))
    }
}
