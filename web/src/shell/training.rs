//! Trains a network in a worker, and reports its progress.

use std::rc::Rc;

use prediction_depth::study::Study;

use super::job::Job;
use crate::state::action::Report;
use crate::state::job::Place;
use crate::state::opened::Opened;
use crate::state::training::TrainingPlan;
use crate::worker::client::{Said, Worker};
use crate::worker::message::{Reply, Request};

/// Trains by a plan on the examples of a study, given with its name.
pub async fn train(job: Rc<Job>, origin: (String, Rc<Study>), plan: TrainingPlan, device: Option<String>) {
    let end = follow(&job, origin, plan, device).await;
    job.report(end.unwrap_or_else(Report::Failed));
}

/// Reports the training until it ends or the user stops it.
async fn follow(
    job: &Job,
    origin: (String, Rc<Study>),
    plan: TrainingPlan,
    device: Option<String>,
) -> Result<Report, String> {
    let study = origin.1.to_bytes().map_err(|error| error.to_string())?;
    let request = Request { study, device, plan: Some(plan) };
    let (worker, mut replies) =
        Worker::hire(&request).ok_or("it needs a Web Worker, which this browser does not allow here.")?;
    job.hire(worker);
    loop {
        match replies.recv().await {
            Ok(Said::Reply(Reply::Place(Place { words, .. }))) => {
                job.report(Report::Device(format!("{words}, in a worker")));
            }
            Ok(Said::Reply(Reply::Begun(bytes))) => {
                let study = Study::from_bytes(&bytes).map_err(|error| error.to_string())?;
                let opened = Opened::new("trained.safetensors", study);
                job.report(Report::Begun(Box::new(Opened { origin: Some(origin.clone()), ..opened })));
            }
            Ok(Said::Reply(Reply::Glance(glance))) => {
                let over = glance.step == glance.steps;
                job.report(Report::Glance(Box::new(glance)));
                if over {
                    return Ok(Report::Trained);
                }
            }
            Ok(Said::Reply(Reply::Failed(problem)) | Said::Broken(problem)) => return Err(problem),
            Ok(Said::Reply(Reply::Counts { .. } | Reply::Measurement { .. })) => {} // of a measurement
            Err(_) => return Ok(Report::Stopped),                                   // the worker was dropped
        }
    }
}
