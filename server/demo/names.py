"""What the demo company and its people are called."""

COMPANY_NAME = "青岛海源食品商贸有限公司"
PASSWORD = "xunke-demo"
ADMIN, MANAGER, CLERK = "admin", "manager", "clerk"

#: Roles, and what they are in English, in the order in which accounts are listed.
ROLES = {
    "销售员": "rep, on the phone",
    "销售经理": "sales manager, on the tablet",
    "内勤": "desk clerk, at the desk",
    "超级管理员": "administrator",
}

MANAGERS = ((MANAGER, "李经理", "male"), ("manager2", "周经理", "female"), ("manager3", "吴经理", "male"))
#: By city, as in `places.CITIES`.
REPS = (
    (("张海波", "male"), ("王晓燕", "female"), ("刘志强", "male"), ("赵雪梅", "female")),
    (("孙建国", "male"), ("马丽娟", "female"), ("郭振东", "male"), ("韩佳慧", "female")),
    (("林家豪", "male"), ("黄美玲", "female"), ("陈俊杰", "male"), ("何思雨", "female")),
)
