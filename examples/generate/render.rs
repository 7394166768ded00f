//! Writes points as the service answers them in 2025: every key present, nulls kept, times without a zone.

use crate::{
    Settings,
    json::Object,
    plan::{Kind, Project, Resource},
    point::{Child, Copy, Point},
    prng::Uuid,
};

/// Everything that a record needs besides the point itself.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub settings: &'a Settings,
    pub project: &'a Project,
    pub resource: &'a Resource,
    /// Write the nested disks, as a show answer does.
    pub nested: bool,
    /// This is the show answer of a point that a list answer holds too.
    pub second: bool,
}

/// Appends the record of a point.
pub fn point(out: &mut Vec<u8>, context: Context<'_>, point: &Point) {
    let Context { project, resource, .. } = context;
    let vault = project.vaults.get(resource.vault).map_or([b'0'; 36], |vault| vault.id);
    out.push(b'{');
    let mut object = Object { out, damage: point.damage };
    front(&mut object, context, point);
    back(&mut object, context, point, &vault);
    if point.unknown_key {
        object.raw("storage_class", "{\"tier\":\"cold\",\"since\":\"2026-09\"}");
    }
    if object.open("replication_records", b'[') {
        if let Some(copy) = &point.copy {
            replication(object.out, context, point, copy, &vault);
        }
        object.out.push(b']');
    }
    out.push(b'}');
}

/// The keys from `children` to `name`.
fn front(object: &mut Object<'_>, context: Context<'_>, point: &Point) {
    children(object, context, point);
    object.text("checkpoint_id", &point.checkpoint);
    match point.bad_time {
        Some(text) => object.text("created_at", text.as_bytes()),
        None => object.time("created_at", Some(point.created)),
    }
    object.text("description", b"");
    object.time("expired_at", point.expired);
    if object.open("extend_info", b'{') {
        extend_info(object, point);
    }
    object.text("id", &point.id);
    object.text("image_type", b"backup");
    object.raw("incremental", if point.first { "false" } else { "true" });
    name(object, point, context.resource);
}

/// The keys from `parent_id` to `version`.
fn back(object: &mut Object<'_>, context: Context<'_>, point: &Point, vault: &Uuid) {
    let Context { project, resource, .. } = context;
    object.optional("parent_id", point.parent.as_ref().and_then(|id| std::str::from_utf8(id).ok()));
    object.text("project_id", &project.id);
    object.time("protected_at", (point.kind == Kind::Server).then_some(point.protected));
    object.text("provider_id", point.provider.as_bytes());
    object.optional("resource_az", (point.kind != Kind::Turbo).then_some(resource.zone));
    object.text("resource_id", &resource.id);
    object.text("resource_name", point.resource_name.unwrap_or(&resource.name).as_bytes());
    object.raw("scheduled_operation_id", "null");
    object.raw("resource_size", &resource.size.to_string());
    object.text("resource_type", type_name(point.kind));
    let status = point.shown_status.filter(|_| context.second).unwrap_or(point.status);
    object.text("status", status.as_bytes());
    object.time("updated_at", Some(point.updated));
    object.text("vault_id", vault);
    object.raw("version", "3");
}

const fn type_name(kind: Kind) -> &'static [u8] {
    match kind {
        Kind::Server => b"OS::Nova::Server",
        Kind::Volume => b"OS::Cinder::Volume",
        Kind::Turbo => b"OS::Sfs::Turbo",
    }
}

/// `autobk_1f0c_<resource>`, as the service names the points of a nightly run.
fn name(object: &mut Object<'_>, point: &Point, resource: &Resource) {
    let name = format!("autobk_{:04x}_{}", point.tag, resource.name);
    object.text("name", name.as_bytes());
}

fn extend_info(object: &mut Object<'_>, point: &Point) {
    let server = point.kind == Kind::Server;
    object.raw("auto_trigger", "true");
    object.flag("bootable", (!server).then_some(false));
    object.raw("os_images_data", "null");
    object.raw("progress", if server { "null" } else { "100" });
    object.raw("snapshot_id", "null");
    object.raw("support_lld", "true");
    object.optional("supported_restore_mode", point.mode);
    object.raw("system_disk", "false");
    object.raw("is_multi_az", "false");
    object.raw("encrypted_algorithm", "null");
    object.raw("is_dec", "false");
    if server {
        freeze(object, point.freeze_error);
        object.raw("contain_system_disk", "true");
        object.text("architecture", b"x86_64");
    } else {
        object.raw("app_consistency", "null");
    }
    object.flag("encrypted", point.encrypted);
    object.out.push(b'}');
}

fn freeze(object: &mut Object<'_>, error: Option<(&'static str, &'static str)>) {
    let (code, message) = error.unwrap_or(("0", ""));
    if object.open("app_consistency", b'{') {
        object.text("app_consistency", b"0");
        object.text("app_consistency_status", b"0");
        object.text("app_consistency_error_code", code.as_bytes());
        object.text("app_consistency_error_message", message.as_bytes());
        object.out.push(b'}');
    }
}

fn children(object: &mut Object<'_>, context: Context<'_>, point: &Point) {
    if !object.open("children", b'[') {
        return;
    }
    for (index, child) in point.children.iter().enumerate().take_while(|_| context.nested) {
        if index > 0 {
            object.out.push(b',');
        }
        nested(object.out, context, point, child, index);
    }
    object.out.push(b']');
}

/// The record of a disk inside its server point: no expiry, no zone, no description of its own.
fn nested(out: &mut Vec<u8>, context: Context<'_>, point: &Point, child: &Child, index: usize) {
    let Context { project, resource, .. } = context;
    let Some(disk) = resource.disks.get(index) else {
        return;
    };
    out.push(b'{');
    let mut object = Object { out, damage: None };
    object.raw("children", "[]");
    object.text("checkpoint_id", &point.checkpoint);
    object.time("created_at", Some(child.created));
    object.raw("description", "null");
    object.raw("expired_at", "null");
    if object.open("extend_info", b'{') {
        disk_info(&mut object, child, if index == 0 { "true" } else { "false" });
    }
    object.text("id", &child.id);
    object.text("image_type", b"backup");
    object.raw("incremental", if point.first { "false" } else { "true" });
    name(&mut object, point, resource);
    object.text("parent_id", &child.parent);
    object.text("project_id", &project.id);
    object.raw("protected_at", "null");
    object.text("provider_id", point.provider.as_bytes());
    object.raw("resource_az", "null");
    object.text("resource_id", &disk.id);
    object.text("resource_name", resource.name.as_bytes());
    object.raw("scheduled_operation_id", "null");
    object.raw("resource_size", &disk.size.to_string());
    object.text("resource_type", type_name(Kind::Volume));
    object.text("status", child.status.as_bytes());
    object.raw("updated_at", "null");
    object.text("vault_id", &child.vault);
    object.raw("version", "3");
    object.raw("replication_records", "[]");
    out.push(b'}');
}

fn disk_info(object: &mut Object<'_>, child: &Child, boot: &str) {
    object.raw("auto_trigger", "true");
    object.raw("bootable", boot);
    object.raw("os_images_data", "null");
    object.raw("progress", "100");
    object.text("snapshot_id", &child.snapshot);
    object.raw("support_lld", "true");
    object.raw("supported_restore_mode", "null");
    object.raw("system_disk", boot);
    object.raw("is_multi_az", "false");
    object.raw("encrypted_algorithm", "null");
    object.raw("is_dec", "false");
    object.raw("app_consistency", "null");
    object.flag("encrypted", Some(child.encrypted));
    object.out.push(b'}');
}

fn replication(out: &mut Vec<u8>, context: Context<'_>, point: &Point, copy: &Copy, vault: &Uuid) {
    let Context { project, resource, settings, .. } = context;
    let target = project.vaults.get(resource.vault).map_or([b'0'; 36], |vault| vault.copy_id);
    out.push(b'{');
    let mut object = Object { out, damage: None };
    object.text("id", &copy.id);
    object.text("status", copy.status.as_bytes());
    object.time("created_at", Some(copy.created));
    object.text("source_region", settings.region.as_bytes());
    object.text("source_project_id", &project.id);
    object.text("source_backup_id", &point.id);
    object.text("source_checkpoint_id", &point.checkpoint);
    object.text("destination_region", settings.copy_region.as_bytes());
    object.text("destination_project_id", &project.copy_id);
    object.text("destination_vault_id", &target);
    object.text("destination_backup_id", &copy.backup);
    object.text("destination_checkpoint_id", &copy.checkpoint);
    object.text("vault_id", vault);
    if object.open("extra_info", b'{') {
        object.raw("progress", &copy.progress.to_string());
        object.text("fail_code", copy.fail.0.as_bytes());
        object.text("fail_reason", copy.fail.1.as_bytes());
        object.raw("auto_trigger", "true");
        object.text("destination_vault_id", &target);
        object.out.push(b'}');
    }
    out.push(b'}');
}
