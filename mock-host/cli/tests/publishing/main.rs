//! Publishing to the strict management API, in this process: interrupted at every request, by several
//! publishers, under every reading of the API's documentation.

mod histories;
mod interruptions;
mod lists;
mod platform;
mod round_trip;
