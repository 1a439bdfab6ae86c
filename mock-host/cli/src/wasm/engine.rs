//! The runtime that apps share.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use wasmtime::{
    Cache, CacheConfig, Config, Enabled, Engine, InstanceAllocationStrategy,
    PoolingAllocationConfig,
};

/// How many requests can be in an app at once. More wait for their turn.
const MAX_CONCURRENT_REQUESTS: u32 = 128;

/// How often the time limits of running apps are looked at.
const TICK: Duration = Duration::from_millis(1);

/// How a runtime is set up.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct EngineOptions {
    /// Where compiled components are kept; `None` compiles each anew.
    pub cache: Option<PathBuf>,
    /// Whether executed instructions are counted. It slows apps down.
    pub counts_instructions: bool,
}

impl EngineOptions {
    /// With compiled components kept where the system keeps caches.
    pub(crate) fn cached() -> Self {
        EngineOptions {
            cache: super::compile_cache(),
            counts_instructions: false,
        }
    }
}

/// A wasmtime engine, and the clock that interrupts what runs in it.
#[derive(Clone, Debug)]
pub struct Runtime {
    pub(crate) engine: Engine,
    pub(crate) counts_instructions: bool,
    /// As many as the pool has instances: a request without one would fail instead of waiting.
    pub(crate) turns: Arc<Semaphore>,
}

impl Runtime {
    /// Sets up a runtime.
    ///
    /// # Errors
    ///
    /// If wasmtime cannot: on this machine, or in this folder.
    pub fn new(options: &EngineOptions) -> wasmtime::Result<Self> {
        let mut config = Config::new();
        config
            .epoch_interruption(true)
            .consume_fuel(options.counts_instructions)
            .cache(options.cache.as_deref().and_then(open_cache));
        let mut pooled = config.clone();
        pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
        // The pool reserves address space, which not every machine gives. Without it all works the
        // same, only slower.
        let engine = Engine::new(&pooled).or_else(|_| Engine::new(&config))?;
        keep_ticking(&engine)?;
        Ok(Runtime {
            engine,
            counts_instructions: options.counts_instructions,
            turns: Arc::new(Semaphore::new(MAX_CONCURRENT_REQUESTS as usize)),
        })
    }
}

/// Without a cache all works the same, only slower.
fn open_cache(folder: &Path) -> Option<Cache> {
    let mut cache = CacheConfig::new();
    cache.with_directory(folder);
    Cache::new(cache)
        .inspect_err(|error| {
            let _unread = writeln!(
                std::io::stderr(),
                "Compiled components cannot be kept in {}: {error}",
                folder.display()
            );
        })
        .ok()
}

/// Instances are made anew for each request, from memory that stays mapped.
fn pool() -> PoolingAllocationConfig {
    const MAX_MODULES: u32 = 32;
    const MAX_TABLES: u32 = 8;
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(MAX_CONCURRENT_REQUESTS)
        .total_core_instances(MAX_CONCURRENT_REQUESTS * MAX_MODULES)
        .total_memories(MAX_CONCURRENT_REQUESTS * 2)
        .total_tables(MAX_CONCURRENT_REQUESTS * MAX_TABLES)
        .total_stacks(MAX_CONCURRENT_REQUESTS)
        .max_core_instances_per_component(MAX_MODULES)
        .max_memories_per_component(2)
        .max_tables_per_component(MAX_TABLES)
        .max_component_instance_size(4 * 1024 * 1024)
        .max_core_instance_size(4 * 1024 * 1024)
        .table_elements(100_000)
        .max_unused_warm_slots(MAX_CONCURRENT_REQUESTS)
        // Where the kernel can tell which pages an app has written, only those are reset, and they
        // stay mapped for the next one.
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(2 * 1024 * 1024)
        .table_keep_resident(64 * 1024)
        .async_stack_keep_resident(64 * 1024);
    pool
}

/// Increments the engine's epoch until the engine is gone.
fn keep_ticking(engine: &Engine) -> wasmtime::Result<()> {
    let engine = engine.weak();
    std::thread::Builder::new()
        .name("fastedge-epochs".to_owned())
        .spawn(move || {
            while let Some(engine) = engine.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(TICK);
            }
        })?;
    Ok(())
}
