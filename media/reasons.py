"""Every reason a photo can get, in one table: what it does to the verdict, its weight, its words.

Effects: `accuse` is a contradiction that an honest phone does not produce and makes a photo *suspect*; `doubt` is
missing proof and makes it at most *unverified*; `note` is worth saying and changes nothing but the score.
Words may use the values of a reason's detail in braces.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Effect: TypeAlias = Literal["accuse", "doubt", "note"]
Locale: TypeAlias = Literal["zh-CN", "zh-TW", "en"]


@dataclass(frozen=True, slots=True)
class ReasonKind:
    """One row of the table. `weight` is taken off a score of 100."""

    code: str
    effect: Effect
    weight: int
    zh_cn: str
    zh_tw: str
    en: str


# fmt: off
_ROWS: tuple[tuple[str, Effect, int, str, str, str], ...] = (
    # the picture
    ("too_large", "doubt", 40, "文件太大，未检查", "檔案太大，未檢查",
     "The file is too large and was not examined"),
    ("not_an_image", "doubt", 50, "文件不是图片", "檔案不是圖片", "The file is not a picture"),
    ("unsupported_format", "doubt", 40, "无法显示这种图片格式", "無法顯示這種圖片格式",
     "This picture format cannot be shown"),
    ("too_many_pixels", "doubt", 40, "图片像素过多，未解码", "圖片像素過多，未解碼",
     "The picture has too many pixels and was not decoded"),
    ("truncated", "doubt", 40, "图片不完整，后半部分缺失", "圖片不完整，後半部分缺失",
     "The picture is cut off, its end is missing"),
    ("damaged", "doubt", 40, "图片已损坏，无法打开", "圖片已損壞，無法開啟",
     "The picture is damaged and cannot be opened"),
    ("over_limits", "doubt", 40, "解码图片超出时间或内存限制", "解碼圖片超出時間或記憶體限制",
     "Decoding the picture took too much time or memory"),
    ("not_jpeg", "doubt", 30, "不是巡客相机拍摄的格式（{format}）", "不是巡客相機拍攝的格式（{format}）",
     "Not the format the app's camera makes ({format})"),
    ("picture_small", "doubt", 25, "照片只有 {width}×{height} 像素，不是相机原图",
     "照片只有 {width}×{height} 像素，不是相機原圖",
     "Only {width} x {height} pixels: not what a camera gives"),
    # what the picture says about itself
    ("exif_missing", "doubt", 25, "照片里没有拍摄信息", "照片裡沒有拍攝資訊",
     "The photo carries no shooting data"),
    ("exif_damaged", "doubt", 15, "照片里的拍摄信息已损坏", "照片裡的拍攝資訊已損壞",
     "The photo's shooting data is damaged"),
    ("exif_no_time", "doubt", 15, "照片里没有拍摄时间", "照片裡沒有拍攝時間",
     "The photo does not say when it was taken"),
    ("exif_no_position", "doubt", 10, "照片里没有定位，拍摄凭证里有", "照片裡沒有定位，拍攝憑證裡有",
     "The photo carries no position although the capture record has one"),
    ("exif_other_capture", "accuse", 70, "拍摄信息来自另一张照片", "拍攝資訊來自另一張照片",
     "The shooting data belongs to another photo"),
    ("exif_other_time", "accuse", 60, "照片里的时间与拍摄凭证相差 {minutes} 分钟",
     "照片裡的時間與拍攝憑證相差 {minutes} 分鐘",
     "The time in the photo differs from the capture record by {minutes} minutes"),
    ("exif_other_position", "accuse", 70, "照片里的位置与拍摄凭证相差 {distance_m} 米",
     "照片裡的位置與拍攝憑證相差 {distance_m} 公尺",
     "The position in the photo is {distance_m} m from that of the capture record"),
    ("exif_extra_position", "accuse", 60, "照片里有位置，拍摄凭证里却没有", "照片裡有位置，拍攝憑證裡卻沒有",
     "The photo carries a position although the capture record has none"),
    ("exif_other_size", "accuse", 60, "照片尺寸与拍摄信息不符，可能被裁剪", "照片尺寸與拍攝資訊不符，可能被裁剪",
     "The picture's size is not that of its shooting data; it was cut or resized"),
    # the capture record, its signature and its device
    ("from_gallery", "doubt", 40, "照片选自相册，不是现场拍摄", "照片選自相簿，不是現場拍攝",
     "The photo comes from the gallery, not from the app's camera"),
    ("record_missing", "doubt", 50, "没有拍摄凭证", "沒有拍攝憑證", "There is no capture record"),
    ("record_too_large", "doubt", 50, "拍摄凭证过大，无法读取", "拍攝憑證過大，無法讀取",
     "The capture record is too large to be read"),
    ("record_malformed", "doubt", 50, "拍摄凭证无法读取", "拍攝憑證無法讀取",
     "The capture record cannot be read"),
    ("record_version", "doubt", 40, "拍摄凭证来自其他版本（{version}），暂时无法读取",
     "拍攝憑證來自其他版本（{version}），暫時無法讀取",
     "The capture record has version {version}, which this server does not know"),
    ("bytes_changed", "accuse", 90, "照片在拍摄之后被改动", "照片在拍攝之後被改動",
     "The photo was changed after it was taken"),
    ("unsigned", "doubt", 40, "拍摄凭证没有签名", "拍攝憑證沒有簽章", "The capture record is not signed"),
    ("key_unknown", "doubt", 40, "不知道这台设备的密钥，无法核对签名", "不知道這台裝置的金鑰，無法核對簽章",
     "The device's key is not known, so the signature cannot be checked"),
    ("signature_wrong", "accuse", 90, "签名不属于这台设备或这份凭证", "簽章不屬於這台裝置或這份憑證",
     "The signature is not that of this device over this record"),
    ("device_revoked", "accuse", 70, "设备停用之后拍摄", "裝置停用之後拍攝",
     "Taken after the device was revoked"),
    ("device_revoked_since", "doubt", 30, "设备已停用；照片自称拍摄于停用之前",
     "裝置已停用；照片自稱拍攝於停用之前", "The device has been revoked; the photo claims to be from before"),
    ("other_device", "accuse", 80, "拍摄凭证属于另一台设备", "拍攝憑證屬於另一台裝置",
     "The capture record is of another device"),
    ("other_visit", "accuse", 80, "拍摄凭证属于另一次拜访", "拍攝憑證屬於另一次拜訪",
     "The capture record is of another visit"),
    ("other_customer", "accuse", 80, "拍摄凭证属于另一位客户", "拍攝憑證屬於另一位客戶",
     "The capture record is of another customer"),
    # time
    ("no_token", "doubt", 20, "拍摄前设备还没有得到服务器时间", "拍攝前裝置還沒有取得伺服器時間",
     "The device had no server time yet when the photo was taken"),
    ("token_forged", "accuse", 80, "服务器时间凭证是伪造的", "伺服器時間憑證是偽造的",
     "The server time in the record is forged"),
    ("token_other_device", "accuse", 80, "服务器时间凭证属于另一台设备", "伺服器時間憑證屬於另一台裝置",
     "The server time in the record was given to another device"),
    ("token_unknown_key", "doubt", 25, "服务器时间凭证无法核对（密钥已更换）",
     "伺服器時間憑證無法核對（金鑰已更換）",
     "The server time in the record cannot be checked, its key is no longer known"),
    ("token_after_receipt", "doubt", 20, "服务器时钟前后不一致，时间无法核对",
     "伺服器時鐘前後不一致，時間無法核對", "The server's own clock moved, so the time cannot be checked"),
    ("long_offline", "doubt", 20, "设备离线 {hours} 小时，时间只能大致确定",
     "裝置離線 {hours} 小時，時間只能大致確定",
     "The device was offline for {hours} hours, so the time is only roughly known"),
    ("before_token", "accuse", 70, "自称的拍摄时间比实际可能的最早时间还早 {minutes} 分钟",
     "自稱的拍攝時間比實際可能的最早時間還早 {minutes} 分鐘",
     "Claims to be taken {minutes} minutes earlier than is possible"),
    ("after_receipt", "accuse", 70, "自称的拍摄时间比服务器收到时还晚 {minutes} 分钟",
     "自稱的拍攝時間比伺服器收到時還晚 {minutes} 分鐘",
     "Claims to be taken {minutes} minutes after it arrived"),
    ("clock_reset", "doubt", 25, "设备时钟曾被重置（如断电）", "裝置時鐘曾被重設（如斷電）",
     "The device's clock had been reset, as after a flat battery"),
    ("uptime_impossible", "accuse", 70, "计时比服务器经过的时间还长 {minutes} 分钟",
     "計時比伺服器經過的時間還長 {minutes} 分鐘",
     "The device counted {minutes} minutes more than have passed"),
    ("clock_off", "note", 5, "设备时钟偏差约 {minutes} 分钟", "裝置時鐘偏差約 {minutes} 分鐘",
     "The device's clock is about {minutes} minutes off"),
    ("token_replayed", "doubt", 35, "使用了旧的时间凭证，设备当时已有更新 {minutes} 分钟的凭证",
     "使用了舊的時間憑證，裝置當時已有更新 {minutes} 分鐘的憑證",
     "An old server time was used; the device already had one {minutes} minutes newer"),
    ("outside_visit", "doubt", 25, "拍摄时间在签到和签退之外，相差 {minutes} 分钟",
     "拍攝時間在簽到和簽退之外，相差 {minutes} 分鐘",
     "Taken {minutes} minutes outside the time between check-in and check-out"),
    # place
    ("no_position", "doubt", 25, "拍摄时没有得到定位", "拍攝時沒有取得定位",
     "There was no position when the photo was taken"),
    ("position_stale", "doubt", 20, "定位不是拍摄当时的", "定位不是拍攝當時的",
     "The position is not from the moment of the photo"),
    ("position_weak", "doubt", 15, "定位精度只有 {accuracy_m} 米", "定位精度只有 {accuracy_m} 公尺",
     "The position is only accurate to {accuracy_m} m"),
    ("accuracy_impossible", "doubt", 30, "定位精度为 0 米，真实设备不会这样",
     "定位精度為 0 公尺，真實裝置不會這樣", "An accuracy of 0 m, which no real device reports"),
    ("position_constant", "doubt", 25, "连续多次定位完全相同，真实定位会有微小变化",
     "連續多次定位完全相同，真實定位會有微小變化",
     "Several positions in a row are the same to the last digit; measured ones vary"),
    ("position_copied", "doubt", 25, "定位与客户档案中的坐标完全一致", "定位與客戶檔案中的座標完全一致",
     "The position is the customer's filed place to the last digit"),
    ("position_jump", "doubt", 25, "拍摄时定位突然跳变", "拍攝時定位突然跳變",
     "The position jumped while the photo was taken"),
    ("position_false", "accuse", 70, "定位有 {signs} 处伪造迹象", "定位有 {signs} 處偽造跡象",
     "{signs} signs of a made-up position"),
    ("position_shared", "doubt", 20, "{customers} 家客户的照片坐标完全相同",
     "{customers} 家客戶的照片座標完全相同",
     "Photos of {customers} customers have exactly the same coordinates"),
    ("far_from_customer", "accuse", 80, "离客户 {distance_m} 米，超出允许的 {allowed_m} 米",
     "離客戶 {distance_m} 公尺，超出允許的 {allowed_m} 公尺",
     "{distance_m} m from the customer, {allowed_m} m are allowed"),
    ("place_unknown", "note", 10, "客户没有坐标，未核对位置", "客戶沒有座標，未核對位置",
     "The customer's place is not known, so the position was not checked"),
    # reuse
    ("seen_before", "accuse", 80, "同一张照片已用于另一次拜访", "同一張照片已用於另一次拜訪",
     "The same photo was used for another visit"),
    ("seen_in_visit", "doubt", 30, "同一张照片在本次拜访中重复提交", "同一張照片在本次拜訪中重複提交",
     "The same photo was handed in twice for this visit"),
    ("capture_id_reused", "accuse", 80, "拍摄编号已被另一张照片使用", "拍攝編號已被另一張照片使用",
     "The capture number was already used by another photo"),
    ("picture_seen_before", "accuse", 75, "与之前另一次拜访的照片几乎完全相同（{percent}%）",
     "與之前另一次拜訪的照片幾乎完全相同（{percent}%）",
     "Nearly the same picture as in an earlier visit ({percent} %)"),
    ("picture_like_before", "doubt", 25, "与该客户之前的照片非常相似（{percent}%）",
     "與該客戶之前的照片非常相似（{percent}%）",
     "Very like an earlier photo of this customer ({percent} %)"),
    # the way
    ("travel_impossible", "accuse", 70, "与前后拜访之间的速度达每小时 {kmh} 公里，不可能做到",
     "與前後拜訪之間的速度達每小時 {kmh} 公里，不可能做到",
     "{kmh} km/h between this visit and another, which nobody can travel"),
    ("travel_fast", "doubt", 20, "与前后拜访之间的速度达每小时 {kmh} 公里",
     "與前後拜訪之間的速度達每小時 {kmh} 公里",
     "{kmh} km/h between this visit and another"),
)
# fmt: on

REASONS: dict[str, ReasonKind] = {row[0]: ReasonKind(*row) for row in _ROWS}


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding about one photo. `detail` holds numbers and short strings only, ready for JSON."""

    code: str
    weight: int
    detail: dict[str, object]

    @property
    def effect(self) -> Effect:
        return REASONS[self.code].effect


def reason(code: str, **detail: object) -> Reason:
    """A reason with the weight of the table. Raises KeyError for a code the table does not have."""
    return Reason(code, REASONS[code].weight, detail)


class _Gaps(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


def explain(code: str, detail: dict[str, object], locale: Locale = "zh-CN") -> str:
    """The reason in words; a code of a newer server is returned as it is."""
    kind = REASONS.get(code)
    if kind is None:
        return code
    words = {"zh-CN": kind.zh_cn, "zh-TW": kind.zh_tw, "en": kind.en}[locale]
    return words.format_map(_Gaps(detail))
