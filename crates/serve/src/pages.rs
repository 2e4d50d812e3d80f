//! The built UI, from the program itself.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::Shared;

/// The files of the built UI by their names in an address.
const PAGES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// What is shown where the UI was not built.
const NOT_BUILT: &str =
    "This Tapedeck was built without its screen. Run `make ui`, then build it again.\n";

/// Answers a request for a file of the UI.
pub async fn page(State(shared): State<Shared>, headers: HeaderMap, uri: Uri) -> Response {
    if let Err(status) = shared.door.admit(&headers) {
        return status.into_response();
    }
    let path = if uri.path() == "/" { "/index.html" } else { uri.path() };
    match PAGES.iter().find(|(name, _)| *name == path) {
        Some((name, bytes)) => {
            let host =
                headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
            let heads = [
                (header::CONTENT_TYPE, content_type(name).to_owned()),
                (header::CONTENT_SECURITY_POLICY, policy(host)),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
                (header::REFERRER_POLICY, "no-referrer".to_owned()),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ];
            (heads, *bytes).into_response()
        }
        None if PAGES.is_empty() => (StatusCode::NOT_FOUND, NOT_BUILT).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Whether the UI is part of this program.
pub const fn is_built() -> bool {
    !PAGES.is_empty()
}

fn policy(host: &str) -> String {
    format!(
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; font-src 'self'; connect-src 'self' ws://{host}; \
         object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("woff2") => "font/woff2",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        Some(_) | None => "application/octet-stream",
    }
}
