"""Permissions: which exist, and the roles a new company starts with (BUSINESS.md, People & permissions)."""

from server.records.actor import SCOPES, Scope
from server.records.fields import L, Label
from server.records.record import permission_of, records

OPERATIONS: dict[str, Label] = {
    "view": L("查看", "查看", "View"),
    "create": L("新增", "新增", "Add"),
    "edit": L("修改", "修改", "Change"),
    "delete": L("删除", "刪除", "Delete"),
    "export": L("导出", "匯出", "Export"),
}

#: Permissions beside the five operations of every record.
SPECIAL: dict[str, Label] = {
    "customer.import": L("导入客户", "匯入客戶", "Import customers"),
    "customer.assign": L("指派客户", "指派客戶", "Assign customers"),
    "customer.share": L("共享客户", "共享客戶", "Share customers"),
    "customer.edit_others": L("跨负责人修改", "跨負責人修改", "Edit across owners"),
    "customer.disable": L("停用客户", "停用客戶", "Disable customers"),
    "customer.edit_guarded": L("免审批修改客户", "免審批修改客戶", "Change customers without approval"),
    "customer.transfer": L("申请转交客户", "申請轉交客戶", "Ask for customers to be transferred"),
    "customer.give_up": L("放弃客户到公海", "放棄客戶到公海", "Give customers up to the pool"),
    "customer.claim": L("领用公海客户", "領用公海客戶", "Claim customers from the pool"),
    "visit.overrule": L("判定照片", "判定照片", "Overrule photo verdicts"),
    "order.approve": L("审核订单", "審核訂單", "Approve orders"),
    "order.ship": L("发货", "發貨", "Ship orders"),
    "order.complete": L("完成订单", "完成訂單", "Complete orders"),
    "order.cancel": L("取消订单", "取消訂單", "Cancel orders"),
    "order.free_price": L("手工改价", "手工改價", "Set free prices"),
    "trial_account.manage": L("审批和管理试用账号", "審批和管理試用帳號", "Open and manage trial accounts"),
    "trial_account.report": L("报告试用账号在线情况", "回報試用帳號在線情況", "Report who uses a trial account"),
    "saved_view.share": L("共享列表视图", "共享清單檢視", "Share views of lists"),
    "mail.send_many": L("群发邮件", "群發郵件", "Send one mail to many"),
    "payment.book": L("回款入账", "回款入帳", "Book receipts"),
    "payment.refund": L("预存退款和回款冲销", "預存退款和回款沖銷", "Pay deposits back, take receipts back"),
    "worklog.comment": L("点评报告", "點評報告", "Comment reports"),
    "notice.publish": L("发布公告", "發布公告", "Publish notices"),
    "conflict.resolve": L("处理冲突", "處理衝突", "Resolve conflicts"),
    "device.revoke": L("停用设备", "停用裝置", "Revoke devices"),
    "employee.set_password": L("重置密码", "重設密碼", "Reset passwords"),
    "employee.hand_over": L("交接工作", "交接工作", "Hand over somebody's work"),
    "inbox.manage": L("管理保留的操作", "管理保留的操作", "Manage kept operations"),
    "rights.view": L("查看权限一览", "查看權限一覽", "See who may do what"),
    "saved_report.publish": L("向所有人发布报表", "向所有人發布報表", "Publish reports to everybody"),
    "schedule.manage": L("管理定时任务", "管理排程工作", "Manage timed work"),
}


def all_permissions() -> dict[str, Label]:
    """Every permission with its label, in a stable order."""
    found: dict[str, Label] = {}
    for record in records():
        group = permission_of(record)
        owner = record.__tablename__ == group or group not in {r.__tablename__ for r in records()}
        for operation, label in OPERATIONS.items():
            key = f"{group}.{operation}"
            if key not in found or owner:
                found[key] = L(
                    f"{record.spec.label.zh_cn} · {label.zh_cn}",
                    f"{record.spec.label.zh_tw} · {label.zh_tw}",
                    f"{record.spec.label.en}: {label.en.lower()}",
                )
    return dict(sorted({**found, **SPECIAL}.items()))


def is_permission(name: str, scope: object) -> bool:
    return name in all_permissions() and scope in SCOPES


def _grants(scope: Scope, *names: str) -> dict[str, Scope]:
    return {name: scope for entry in names for name in _expand(entry)}


def _expand(entry: str) -> list[str]:
    group, _, operations = entry.partition(":")
    return [f"{group}.{operation}" for operation in operations.split(",")]


_EVERYBODY: dict[str, Scope] = _grants(
    "all",
    "company:view",
    "option:view",
    "department:view",
    "role:view",
    "employee:view",
    "product:view",
    "notification_rule:view",
    "alert_rule:view",
)
_EVERYBODY.update(_grants("own", "saved_report:view,create,edit,delete", "notice:view"))
_EVERYBODY.update(_grants("own", "schedule_entry:view,create,edit,delete"))

REP: dict[str, Scope] = {
    **_EVERYBODY,
    **_grants("own", "employee:edit", "device:view,edit,revoke", "notification:view"),
    **_grants("own", "saved_view:view,create,edit,delete"),
    **_grants("own", "customer:view,create,edit,share", "visit:view,create,edit", "order:view,create,edit,delete"),
    **_grants("own", "attachment:view,create,edit,delete", "contact_record:view,create,edit,delete"),
    **_grants("own", "opportunity:view,create,edit,delete", "call_report:view,create,edit,delete"),
    **_grants("own", "trial_account:view,create,edit"),
    **_grants("own", "complaint:view,create,edit,delete", "own_row:view,create,edit,delete"),
    **_grants("own", "customer:transfer,claim,give_up", "approval:view", "approval_absence:view,create,edit,delete"),
    **_grants("own", "payment:view,create", "worklog:view,create,edit,delete", "conflict:view,resolve"),
    **_grants("own", "target:view,create,edit,delete", "alert:view,edit"),
    **_grants("own", "mail:view,create", "mail_account:view,create,edit,delete"),
}

MANAGER: dict[str, Scope] = {
    **REP,
    **_grants("subordinates", "customer:view,create,edit,share,export,assign,edit_others,edit_guarded,transfer"),
    **_grants("own", "saved_view:share"),
    **_grants("subordinates", "approval:view,export", "approval_absence:view"),
    **_grants("subordinates", "target:view,create,edit,delete,export", "schedule_entry:view"),
    **_grants("subordinates", "alert:view,edit,export"),
    **_grants("subordinates", "mail:view,export"),
    **_grants("own", "mail:send_many"),
    **_grants("subordinates", "visit:view,create,edit,export,overrule", "device:view,revoke"),
    **_grants("subordinates", "attachment:view,create,edit,delete,export"),
    **_grants("subordinates", "contact_record:view,create,edit,delete,export"),
    **_grants("subordinates", "opportunity:view,create,edit,delete,export"),
    **_grants("subordinates", "call_report:view,create,edit,delete,export"),
    **_grants("subordinates", "trial_account:view,create,edit,export"),
    **_grants("subordinates", "complaint:view,create,edit,delete,export"),
    **_grants("subordinates", "own_row:view,create,edit,delete,export"),
    **_grants("subordinates", "order:view,create,edit,export,approve,cancel", "payment:view,create,export,refund"),
    **_grants(
        "subordinates", "worklog:view,comment,export", "conflict:view,resolve", "rights:view", "employee:hand_over"
    ),
}

CLERK: dict[str, Scope] = {
    **_EVERYBODY,
    **_grants("own", "employee:edit", "device:view,edit,revoke", "worklog:view,create,edit,delete"),
    **_grants("own", "notification:view", "saved_view:view,create,edit,delete,share"),
    **_grants("own", "approval:view", "approval_absence:view,create,edit,delete"),
    **_grants("all", "customer:view,create,edit,delete,export,import,assign,share,edit_others,disable"),
    **_grants("all", "customer:edit_guarded,transfer", "attachment:view,create,edit,delete,export"),
    **_grants("all", "contact_record:view,export", "opportunity:view,export", "call_report:view,export"),
    **_grants("all", "trial_account:view,export"),
    **_grants("all", "complaint:view,create,edit,export", "own_row:view,create,edit,delete,export"),
    **_grants("all", "alert:view,edit,export", "mail:view,export"),
    **_grants("own", "complaint:delete", "mail:create,send_many", "mail_account:view,create,edit,delete"),
    **_grants("own", "contact_record:create,edit,delete", "call_report:create,edit,delete"),
    **_grants("all", "visit:view,export", "order:view,create,edit,delete,export,approve,ship,complete,cancel"),
    **_grants("all", "order:free_price", "payment:view,create,export,book,refund", "conflict:view,resolve"),
    **_grants("all", "product:view,create,edit,export", "option:view,create,edit"),
    **_grants("all", "notice:view,create,edit,delete,publish"),
}


_DESK: dict[str, Scope] = {
    **_EVERYBODY,
    **_grants("own", "employee:edit", "device:view,edit,revoke", "worklog:view,create,edit,delete"),
    **_grants("own", "notification:view", "saved_view:view,create,edit,delete"),
    **_grants("own", "approval:view", "approval_absence:view,create,edit,delete"),
    **_grants("own", "own_row:view,create,edit,delete"),
}

#: Files new products, and brings goods out: sees orders with their customers, ships and completes them (PP-21).
WAREHOUSE: dict[str, Scope] = {
    **_DESK,
    **_grants("all", "product:view,create,edit,export", "customer:view", "order:view,export,ship,complete"),
}

#: Keeps products, their prices and the company's lists (PP-21).
PRODUCT_KEEPER: dict[str, Scope] = {
    **_DESK,
    **_grants("all", "product:view,create,edit,delete,export", "option:view,create,edit"),
}

#: What a new company starts with beside the super administrator's role.
ROLES: dict[str, dict[str, Scope]] = {
    "销售经理": MANAGER,
    "销售员": REP,
    "内勤": CLERK,
    "库管员": WAREHOUSE,
    "信息管理员": PRODUCT_KEEPER,
}


def administrator() -> dict[str, Scope]:
    return dict.fromkeys(all_permissions(), "all")
