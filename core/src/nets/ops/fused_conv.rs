//! A convolution and its epilogue as one candle operation: each image passes through both while it is in the cache.

mod backward;

use std::sync::OnceLock;

use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::conv::Conv;
use super::microkernel::Grid;
use super::tensors::values;

/// The step after a convolution. Called with the processor's vector instructions enabled, so implementations are
/// inlined.
pub(super) trait Epilogue: Send + Sync + 'static {
    /// What the backward pass needs of an image.
    type Saved: Send + Sync;

    /// Returns the number of parameters per map.
    fn parameters(&self) -> usize;

    /// Returns height and width of the output, [height, width].
    fn output(&self, conv: &Conv) -> [usize; 2];

    /// Computes the output of an image from its maps, which it may take; `parameters`: [parameters, maps].
    fn forward(
        &self,
        conv: &Conv,
        parameters: &[f32],
        maps: &mut Vec<f32>,
        residual: Option<&[f32]>,
        out: &mut [f32],
    ) -> Self::Saved;

    /// Computes the gradient of the maps from that of the output and writes it to the pixels of the grid; adds the
    /// parameters' gradient to `sums`.
    fn backward(
        &self,
        conv: &Conv,
        parameters: &[f32],
        saved: &Self::Saved,
        gradient: &[f32],
        maps: (Grid, &mut [f32]),
        sums: &mut [f32],
    );

    /// Computes the gradient of the residual.
    ///
    /// # Errors
    /// If a tensor operation fails.
    fn of_residual(&self, residual: &Tensor, gradient: &Tensor) -> Result<Tensor>;
}

/// The operation: inputs [n, height, width, channels], parameters [outputs, kernel values then epilogue parameters],
/// and optionally a residual.
pub(super) struct FusedConv<E: Epilogue> {
    pub conv: Conv,
    pub epilogue: E,
    /// Whether to save what the backward pass needs.
    pub saves: bool,
    pub saved: OnceLock<Vec<E::Saved>>,
}

/// The forward pass of one image.
struct ForwardPass<'a, E: Epilogue> {
    layer: &'a FusedConv<E>,
    kernels: &'a [f32],
    parameters: &'a [f32],
    image: &'a [f32],
    residual: Option<&'a [f32]>,
    padded: &'a mut [f32],
    maps: &'a mut Vec<f32>,
    out: &'a mut [f32],
}

impl<E: Epilogue> WithSimd for ForwardPass<'_, E> {
    type Output = E::Saved;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> E::Saved {
        let FusedConv { conv, epilogue, .. } = self.layer;
        conv.pad(self.image, self.padded);
        self.maps.resize(conv.size.maps(), 0.0);
        conv.forward(simd, self.padded, self.kernels, self.maps);
        epilogue.forward(conv, self.parameters, self.maps, self.residual, self.out)
    }
}

impl<E: Epilogue> FusedConv<E> {
    /// Returns the length of a row of parameters.
    fn row(&self) -> usize {
        self.conv.size.patch() + self.epilogue.parameters()
    }

    /// Returns the epilogue's parameters, [parameters, maps].
    fn epilogue_parameters(&self, parameters: &[f32]) -> Vec<f32> {
        let (patch, row) = (self.conv.size.patch(), self.row());
        (patch..row).flat_map(|at| parameters[at..].iter().step_by(row).copied()).collect()
    }

    fn shape(&self) -> [usize; 4] {
        let [height, width] = self.epilogue.output(&self.conv);
        [self.conv.size.images, height, width, self.conv.size.outputs]
    }

    fn forward(&self, inputs: &[f32], parameters: &[f32], residual: Option<&[f32]>) -> (CpuStorage, Shape) {
        let (conv, size) = (&self.conv, &self.conv.size);
        let packed = conv.pack_forward(&conv.kernels(parameters, self.row()));
        let epilogue_parameters = self.epilogue_parameters(parameters);
        let [images, height, width, outputs] = self.shape();
        let each = height * width * outputs;
        let mut out = vec![0.0; images * each];
        let scratch = || (vec![0.0; size.padded_image()], Vec::new());
        let images = out.par_chunks_mut(each).zip(inputs.par_chunks(size.image())).enumerate();
        let all = images.map_init(scratch, |(padded, maps), (at, (out, image))| {
            let residual = residual.map(|values| &values[at * each..][..each]);
            let (kernels, parameters) = (&packed[..], &epilogue_parameters[..]);
            Arch::new().dispatch(ForwardPass { layer: self, kernels, parameters, image, residual, padded, maps, out })
        });
        if self.saves {
            // Set only once: every call creates a new operation.
            let _ = self.saved.set(all.collect());
        } else {
            all.for_each(drop);
        }
        (CpuStorage::F32(out), self.shape().to_vec().into())
    }
}

impl<E: Epilogue> CustomOp2 for FusedConv<E> {
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

impl<E: Epilogue> CustomOp3 for FusedConv<E> {
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
        Ok((of_inputs, of_parameters, Some(self.epilogue.of_residual(residual, &gradient)?)))
    }
}
