//! Answers over HTTP, from their recorded place.

use axum::body::Body;
use axum::http::{Response, StatusCode, Uri, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use market::Venue;

use super::is_binance;
use super::player::Run;
use super::reel::Snapshot;
use super::stage::Stage;
use crate::exchange::Answer;

/// Answers a request, with what was posted in it.
pub(super) async fn answer(stage: &Stage, uri: &Uri, posted: &[u8]) -> Response<Body> {
    let reel = &stage.reel;
    if !stage.is_kraken() && !is_binance(reel.venue) {
        return recorded(stage, uri, posted);
    }
    let name = uri.path().rsplit('/').next().unwrap_or_default();
    match (reel.venue == Venue::Kraken, name) {
        (true, "AssetPairs") => reply(200, reel.derived.asset_pairs()),
        // Of the time before it a recording tells nothing.
        (true, "OHLC" | "Trades") => reply(200, r#"{"error":[],"result":{"none":[],"last":"0"}}"#),
        (true, _) => reply(404, r#"{"error":["EGeneral:Unknown method"]}"#),
        (false, "ping") => reply(200, "{}"),
        (false, "exchangeInfo") => {
            reply(200, reel.list.clone().unwrap_or_else(|| reel.derived.exchange_info()))
        }
        (false, "depth") => depth(stage, uri).await,
        (false, "klines" | "trades") => reply(200, "[]"),
        (false, _) => reply(404, r#"{"code":-1000,"msg":"no such address"}"#),
    }
}

/// The answer to this question whose place was reached last, else the first.
fn recorded(stage: &Stage, uri: &Uri, posted: &[u8]) -> Response<Body> {
    let run = stage.run_of_answers();
    let answers = stage.reel.answers.to(uri, posted);
    let found = answers.and_then(|answers| match run {
        Some(run) => latest(answers, run),
        None => answers.first(),
    });
    match found {
        Some(answer) => reply(200, answer.body.clone()),
        None => reply(404, r#"{"error":"The recording holds no answer to this question."}"#),
    }
}

/// The snapshot whose place was reached last, else the first, once its place is reached.
async fn depth(stage: &Stage, uri: &Uri) -> Response<Body> {
    let Some(symbol) = Answer::parameter(uri, "symbol") else {
        let words = "Mandatory parameter 'symbol' was not sent.";
        return reply(400, format!(r#"{{"code":-1102,"msg":"{words}"}}"#));
    };
    let Some(snapshots) = stage.reel.snapshots.get(&symbol.to_uppercase()) else {
        return match stage.reel.derived.holds(&symbol) {
            true => reply(
                404,
                r#"{"code":-1000,"msg":"The recording holds no snapshot of this symbol."}"#,
            ),
            false => reply(400, r#"{"code":-1121,"msg":"Invalid symbol."}"#),
        };
    };
    let ended = || reply(503, r#"{"code":-1000,"msg":"The recording is no longer served."}"#);
    let Some(run) = stage.stop.run_until_cancelled(started(stage)).await.flatten() else {
        return ended();
    };
    let Some(snapshot) = latest(snapshots, run) else { return ended() };
    let due = tokio::time::sleep_until(run.due(snapshot.at));
    match stage.stop.run_until_cancelled(due).await {
        Some(()) => reply(200, snapshot.body.clone()),
        None => ended(),
    }
}

/// The run of the recording, once a client has started it.
async fn started(stage: &Stage) -> Option<Run> {
    stage.run.subscribe().wait_for(Option::is_some).await.ok().and_then(|run| *run)
}

fn latest(snapshots: &[Snapshot], run: Run) -> Option<&Snapshot> {
    let n_reached = snapshots.partition_point(|snapshot| run.has_reached(snapshot.at));
    snapshots.get(n_reached.saturating_sub(1))
}

fn reply(status: u16, body: impl Into<Bytes>) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = [(header::CONTENT_TYPE, "application/json;charset=UTF-8")];
    (status, kind, body.into()).into_response()
}
